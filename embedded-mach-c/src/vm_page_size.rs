//! `mach/vm_page_size.h`: the size of a page.

use core::ffi::c_int;

use mach::vm_types::vm_size_t;

variables! {
    mach::vm_page_size:

    vm_page_size: vm_size_t;
    vm_page_mask: vm_size_t;
    vm_page_shift: c_int;
    vm_kernel_page_size: vm_size_t;
    vm_kernel_page_mask: vm_size_t;
    vm_kernel_page_shift: c_int;
}
