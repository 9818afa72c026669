//! `mach/mach_error.h`: texts of error codes.

use core::ffi::c_char;

use mach::kern_return::kern_return_t;

functions! {
    mach::error:

    fn mach_error_string(code: kern_return_t) -> *mut c_char;
    fn mach_error(what: *const c_char, code: kern_return_t);
    fn mach_error_type(code: kern_return_t) -> *mut c_char;
}
