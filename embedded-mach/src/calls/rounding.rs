//! Rounding to the size of a page.
#![allow(
    clippy::missing_safety_doc,
    reason = "unsafe as in `mach2`, without a condition: the variables are set when the program is loaded"
)]

use super::pages::{vm_kernel_page_mask, vm_page_mask, vm_page_size};
use crate::headers::vm_types::{mach_vm_offset_t, mach_vm_size_t, vm_size_t};

/// The start of the page that `x` is in.
pub unsafe fn vm_trunc_page(x: vm_size_t) -> vm_size_t {
    // SAFETY: only written before the program starts.
    x & !(unsafe { vm_page_size } - 1)
}

/// `x` rounded up to a page's start. Wraps around at the end of the address space, as the macro in C does.
pub unsafe fn vm_round_page(x: vm_size_t) -> vm_size_t {
    // SAFETY: only written before the program starts.
    unsafe { vm_trunc_page(x.wrapping_add(vm_page_size - 1)) }
}

/// As [`vm_trunc_page`], of 64 bits.
pub unsafe fn mach_vm_trunc_page(x: mach_vm_offset_t) -> mach_vm_offset_t {
    // SAFETY: only written before the program starts.
    x & !(unsafe { vm_page_mask } as mach_vm_size_t)
}

/// As [`vm_round_page`], of 64 bits.
pub unsafe fn mach_vm_round_page(x: mach_vm_offset_t) -> mach_vm_offset_t {
    // SAFETY: only written before the program starts.
    unsafe { mach_vm_trunc_page(x.wrapping_add(vm_page_mask as mach_vm_size_t)) }
}

/// As [`vm_trunc_page`], with pages of the kernel.
pub unsafe fn trunc_page_kernel(x: vm_size_t) -> vm_size_t {
    // SAFETY: only written before the program starts.
    x & !unsafe { vm_kernel_page_mask }
}

/// As [`vm_round_page`], with pages of the kernel.
pub unsafe fn round_page_kernel(x: vm_size_t) -> vm_size_t {
    // SAFETY: only written before the program starts.
    unsafe { trunc_page_kernel(x.wrapping_add(vm_kernel_page_mask)) }
}
