//! Tests that need a process of their own.

use std::process::Command;

/// Runs a part in a process where no other test maps or unmaps anything, or is copied by a fork.
pub(crate) fn alone(test: &str, part: impl FnOnce()) {
    const ALONE: &str = "EMBEDDED_MACH_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return part();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", test]).env(ALONE, "1").output();
    let output = output.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

/// A forked child. It has one thread, and is gone without coming back here.
pub(crate) struct Child(libc::pid_t);

impl Child {
    /// Runs a part that says whether it has found things right.
    pub(crate) fn forked(part: impl FnOnce() -> bool) -> Self {
        // SAFETY: the child does its part and ends.
        match unsafe { libc::fork() } {
            0 => {
                // SAFETY: takes a number. A child that does not end is ended.
                unsafe { libc::alarm(20) };
                let right = part();
                // SAFETY: ends the process at once.
                unsafe { libc::_exit(i32::from(!right)) }
            }
            child => Self(child),
        }
    }

    pub(crate) fn was_right(self) -> bool {
        let mut status = -1;
        // SAFETY: `status` can be written. The child has a deadline.
        let ended = unsafe { libc::waitpid(self.0, &mut status, 0) };
        assert!(self.0 > 0 && ended == self.0);
        status == 0
    }
}
