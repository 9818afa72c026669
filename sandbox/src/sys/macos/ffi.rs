//! `sandbox.h`, of which Apple says that it is deprecated and which everybody uses.

use std::ffi::{CStr, CString, c_char, c_int};
use std::io;
use std::ptr;

unsafe extern "C" {
    fn sandbox_init(profile: *const c_char, flags: u64, error: *mut *mut c_char) -> c_int;
    fn sandbox_free_error(error: *mut c_char);
    /// With filter 0 and no operation: whether the process is in a sandbox at all.
    fn sandbox_check(pid: libc::pid_t, operation: *const c_char, filter: c_int, ...) -> c_int;
}

/// Binds all threads of this process to what the text says.
pub(super) fn enter(text: &str) -> io::Result<()> {
    let text = CString::new(text)?;
    let mut error = ptr::null_mut();
    // SAFETY: the text is a string, and the place for the message is valid to write.
    if unsafe { sandbox_init(text.as_ptr(), 0, &raw mut error) } == 0 {
        return Ok(());
    }
    if error.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has made a string there, for its caller.
    let message = unsafe { CStr::from_ptr(error) }
        .to_string_lossy()
        .into_owned();
    // SAFETY: as above; it is not used after this.
    unsafe { sandbox_free_error(error) };
    Err(io::Error::other(message))
}

/// Whether a process is in a sandbox.
pub(super) fn is_inside(pid: i32) -> io::Result<bool> {
    // SAFETY: without an operation it takes numbers only.
    match unsafe { sandbox_check(pid, ptr::null(), 0) } {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(io::Error::last_os_error()),
    }
}
