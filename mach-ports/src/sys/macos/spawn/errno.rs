//! Calls that return an error number.

use std::io;

/// The result of a call that returns an error number.
pub(crate) fn check(errno: i32) -> io::Result<()> {
    if errno == 0 {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(errno))
    }
}
