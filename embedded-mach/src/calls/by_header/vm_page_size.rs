//! The size of a page and rounding to it: `mach/vm_page_size.h`.

pub use crate::calls::pages::{
    vm_kernel_page_mask, vm_kernel_page_shift, vm_kernel_page_size, vm_page_mask, vm_page_shift,
    vm_page_size,
};
pub use crate::calls::rounding::{
    mach_vm_round_page, mach_vm_trunc_page, round_page_kernel, trunc_page_kernel, vm_round_page,
    vm_trunc_page,
};
