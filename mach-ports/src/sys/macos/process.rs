//! Processes, as macOS tells of them.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    let mut path = vec![0; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    // SAFETY: the buffer is valid to write for the length given.
    let len = unsafe { libc::proc_pidpath(pid, path.as_mut_ptr().cast(), path.len() as u32) };
    match usize::try_from(len) {
        Ok(len) if len > 0 => {
            path.truncate(len);
            Ok(OsString::from_vec(path).into())
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// No right is a descriptor here.
pub(crate) fn raise_descriptor_limit(_on: bool) {}

/// What is given up is gone at once.
pub(crate) fn wait_for_closings(_patience: Duration) -> bool {
    true
}
