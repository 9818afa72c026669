//! The images that the loader of macOS tells of: `mach-o/dyld.h`. There are none; `dl_iterate_phdr` tells of Linux's.

use core::ffi::c_char;
use core::ptr;

use crate::headers::loader::mach_header;

/// How many images there are: none.
pub unsafe extern "C" fn _dyld_image_count() -> u32 {
    0
}

/// Where an image begins: null, for there are none.
pub unsafe extern "C" fn _dyld_get_image_header(_image_index: u32) -> *const mach_header {
    ptr::null()
}

/// How far an image was moved: 0, for there are none.
pub unsafe extern "C" fn _dyld_get_image_vmaddr_slide(_image_index: u32) -> isize {
    0
}

/// The path of an image: null, for there are none.
pub unsafe extern "C" fn _dyld_get_image_name(_image_index: u32) -> *const c_char {
    ptr::null()
}
