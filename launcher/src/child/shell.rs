//! How shells say the way in which a program has ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The exit status that a shell gives for a program: its own, or 128 and the number of the signal that has ended it. For commands
/// that run another one and end as it did.
///
/// ```
/// use launcher::{Launcher, shell_status};
///
/// let shell = |script| Launcher::new("/bin/sh").args(["-c", script]).spawn();
/// assert_eq!(shell_status(shell("exit 3")?.wait()?), 3);
/// assert_eq!(shell_status(shell("kill -TERM $$")?.wait()?), 128 + 15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn shell_status(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| 128 + signal);
    let code = status.code().or(signal);
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
