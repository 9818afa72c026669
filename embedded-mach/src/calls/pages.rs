//! The size of a page, which this library asks the system for when it is loaded.

use core::ffi::c_int;

use super::{give, kernel_of_host};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::host_t;
use crate::headers::vm_types::vm_size_t;
use crate::sys::memory;

macro_rules! variables {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[allow(non_upper_case_globals, reason = "the name is that of the C header")]
        pub static mut $name: $type = 0;
    )*};
}

variables! {
    /// Bytes of a page. Not to be written.
    vm_page_size: vm_size_t;
    /// The bits of an address that are an offset in its page. Not to be written.
    vm_page_mask: vm_size_t;
    /// How many bits that is. Not to be written.
    vm_page_shift: c_int;
    /// The kernel's pages have the same size. Not to be written.
    vm_kernel_page_size: vm_size_t;
    /// As [`vm_page_mask`].
    vm_kernel_page_mask: vm_size_t;
    /// As [`vm_page_shift`].
    vm_kernel_page_shift: c_int;
}

// Programs read variables, so these must be right before `main`: the loader runs what this section names. Its number puts
// it before constructors of the program, whose own are higher, and of the C library, which copies the variables.
#[used]
#[unsafe(link_section = ".init_array.00099")]
static AT_LOAD: extern "C" fn() = set;

extern "C" fn set() {
    let size = memory::page_size();
    let (mask, shift) = (size - 1, size.trailing_zeros().cast_signed());
    // SAFETY: the loader calls this once, before any other code of the program could use the variables.
    unsafe {
        (vm_page_size, vm_page_mask, vm_page_shift) = (size, mask, shift);
        (
            vm_kernel_page_size,
            vm_kernel_page_mask,
            vm_kernel_page_shift,
        ) = (size, mask, shift);
    }
}

/// Bytes of a page of the host.
pub unsafe extern "C" fn host_page_size(
    host: host_t,
    out_page_size: *mut vm_size_t,
) -> kern_return_t {
    let size = kernel_of_host(host).map(|_| memory::page_size());
    // SAFETY: the caller's promise.
    unsafe { give(out_page_size, size) }
}
