//! The environment, by which a program says to its children what they inherit.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many threads are changing the environment.
static CHANGING: AtomicUsize = AtomicUsize::new(0);
/// In a forked child: the standard library's lock of the environment is held by a thread that is not here.
static LOCKED_FOR_GOOD: AtomicBool = AtomicBool::new(false);

/// A variable's value.
pub(crate) fn get(name: &str) -> Option<OsString> {
    if !LOCKED_FOR_GOOD.load(Ordering::Relaxed) {
        return std::env::var_os(name);
    }
    let name = CString::new(name).ok()?;
    // SAFETY: a string. Nobody changes the environment of this process any more, for that needs the lock.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: what `getenv` gives is a string, and stays as it is, as above.
    let value = unsafe { std::ffi::CStr::from_ptr(value) };
    Some(OsString::from_vec(value.to_bytes().to_vec()))
}

/// Reads a variable and removes it, for it is meant for this program alone.
pub(crate) fn take(name: &str) -> Option<OsString> {
    let value = get(name)?;
    set(name, None);
    Some(value)
}

/// Sets a variable for the children from now on, or removes it.
pub(crate) fn set(name: &str, value: Option<&str>) {
    if LOCKED_FOR_GOOD.load(Ordering::Relaxed) {
        return;
    }
    CHANGING.fetch_add(1, Ordering::SeqCst);
    // SAFETY: as with every change of the environment, a thread that reads it at this moment through C would be a
    // race; it happens at this library's first use and in the calls that say so.
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
    CHANGING.fetch_sub(1, Ordering::SeqCst);
}

/// In a forked child: a thread of the parent's that was changing the environment will never be done with it.
pub(crate) fn was_forked() {
    if CHANGING.load(Ordering::SeqCst) > 0 {
        LOCKED_FOR_GOOD.store(true, Ordering::Relaxed);
    }
}
