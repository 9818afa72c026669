//! The process calls that std offers for its own children only.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Waits until a child has exited, and reaps it.
pub(crate) fn wait(pid: i32) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = waitpid(pid, 0)? {
            return Ok(status);
        }
    }
}

/// Reaps a child that has exited; `None` if it has not.
pub(crate) fn try_wait(pid: i32) -> io::Result<Option<ExitStatus>> {
    waitpid(pid, libc::WNOHANG)
}

fn waitpid(pid: i32, options: i32) -> io::Result<Option<ExitStatus>> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a valid place for an int during the call.
        match unsafe { libc::waitpid(pid, &mut status, options) } {
            0 => return Ok(None),
            -1 => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
            _ => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

/// Sends a signal to a child that was not reaped.
pub(crate) fn signal(pid: i32, number: i32) -> io::Result<()> {
    // SAFETY: takes and returns plain numbers.
    match unsafe { libc::kill(pid, number) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
