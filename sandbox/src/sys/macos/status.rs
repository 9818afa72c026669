//! Whether a process is in the system's sandbox.

use std::io;

use super::ffi;
use crate::Status;

pub(crate) fn of(pid: i32) -> io::Result<Status> {
    let is_inside = ffi::is_inside(pid)?;
    Ok(Status {
        no_new_privileges: is_inside,
        locks: is_inside.into(),
    })
}

/// A child of a process in a sandbox is in it too, and the kernel does not say of which one it is.
pub(crate) fn inherited() -> io::Result<Status> {
    Ok(Status {
        no_new_privileges: false,
        locks: 0,
    })
}
