//! Ending the process as an exception does that nobody handles.

use std::io::Write;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Says why and ends the process, whatever it is doing: nothing of it runs any more.
pub(crate) fn end_process(why: &str) {
    let _ = writeln!(std::io::stderr(), "{why}");
    let _ = kill(Pid::this(), Signal::SIGKILL);
}
