//! `vm_*` and `mach_vm_*`, as far as messages need them.

use core::ffi::c_int;

use super::kernel_of;
use crate::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NO_SPACE, KERN_SUCCESS, kern_return_t,
};
use crate::mach_types::vm_task_entry_t;
use crate::sys::memory;
use crate::vm_statistics::VM_FLAGS_ANYWHERE;
use crate::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_size_t};

/// Fresh zeroed pages, anywhere or at a place that is free.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn vm_allocate(
    task: vm_task_entry_t,
    address: *mut vm_address_t,
    size: vm_size_t,
    flags: c_int,
) -> kern_return_t {
    if let Err(code) = kernel_of(task) {
        return code;
    }
    let Some(len) = memory::round_page(size) else {
        return KERN_INVALID_ARGUMENT;
    };
    // SAFETY: the caller's promise: `address` can be read and written.
    unsafe {
        let made = if flags & VM_FLAGS_ANYWHERE as c_int != 0 {
            memory::map_fresh(len).map_err(|_| KERN_NO_SPACE)
        } else {
            memory::map_fresh_at(address.read(), len).map_err(|errno| match errno {
                nix::errno::Errno::EEXIST | nix::errno::Errno::ENOMEM => KERN_NO_SPACE,
                _ => KERN_INVALID_ADDRESS,
            })
        };
        super::give(address, made)
    }
}

/// Gives pages back.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn vm_deallocate(
    task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
) -> kern_return_t {
    if let Err(code) = kernel_of(task) {
        return code;
    }
    if size == 0 {
        return KERN_SUCCESS;
    }
    // SAFETY: the caller's promise: nothing uses the memory any more.
    match unsafe { memory::unmap(address, size) } {
        Ok(()) => KERN_SUCCESS,
        Err(_) => KERN_INVALID_ARGUMENT,
    }
}

/// As [`vm_allocate`].
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_vm_allocate(
    task: vm_task_entry_t,
    address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    flags: c_int,
) -> kern_return_t {
    // SAFETY: the caller's promise; addresses have 64 bits here.
    unsafe { vm_allocate(task, address.cast(), size as vm_size_t, flags) }
}

/// As [`vm_deallocate`].
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_vm_deallocate(
    task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { vm_deallocate(task, address as vm_address_t, size as vm_size_t) }
}
