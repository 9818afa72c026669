//! `mach_error_*`.

use core::ffi::c_char;

use crate::headers::kern_return::kern_return_t;

/// What a code means, in words.
pub unsafe extern "C" fn mach_error_string(code: kern_return_t) -> *mut c_char {
    crate::calls::error_strings::mach_error_string(code)
        .as_ptr()
        .cast_mut()
}

/// Which part of the system a code comes from.
pub unsafe extern "C" fn mach_error_type(code: kern_return_t) -> *mut c_char {
    let kind = crate::calls::error_strings::mach_error_type(code);
    kind.as_ptr().cast_mut()
}

/// Writes a line about an error to the standard error.
pub unsafe extern "C" fn mach_error(what: *const c_char, code: kern_return_t) {
    // SAFETY: the caller's promise: a string.
    let what = unsafe { core::ffi::CStr::from_ptr(what) }.to_string_lossy();
    let text = crate::calls::error_strings::mach_error_string(code).to_string_lossy();
    eprintln!("{what} {text} ({code:#x})");
}
