//! What dyld offers, as safe functions.

use std::ffi::c_void;
use std::sync::OnceLock;

use super::image::Header;

type Callback = extern "C" fn(header: *const c_void, slide: isize);

unsafe extern "C" {
    fn _dyld_register_func_for_add_image(callback: Callback);
    fn _dyld_register_func_for_remove_image(callback: Callback);
    fn mach_absolute_time() -> u64;
}

static CALLED: OnceLock<[fn(Header); 2]> = OnceLock::new();

/// Has dyld call `added` for every image, those that are there already included, and `removed` for those that go. Once.
pub(super) fn register(added: fn(Header), removed: fn(Header)) {
    if CALLED.set([added, removed]).is_err() {
        return;
    }
    // SAFETY: both functions live as long as the process.
    unsafe {
        _dyld_register_func_for_remove_image(image_removed);
        _dyld_register_func_for_add_image(image_added);
    }
}

extern "C" fn image_added(header: *const c_void, slide: isize) {
    if let Some([added, _]) = CALLED.get() {
        // SAFETY: dyld's promise: the image is mapped as long as this call.
        added(unsafe { Header::new(header, slide) });
    }
}

extern "C" fn image_removed(header: *const c_void, slide: isize) {
    if let Some([_, removed]) = CALLED.get() {
        // SAFETY: as above.
        removed(unsafe { Header::new(header, slide) });
    }
}

/// The time that the messages have.
pub(super) fn now() -> u64 {
    // SAFETY: takes nothing.
    unsafe { mach_absolute_time() }
}
