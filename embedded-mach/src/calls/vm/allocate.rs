//! Fresh pages, and giving pages back.

use core::ffi::c_int;

use super::super::{code, give, kernel_of};
use super::region::{possible_pages, within_space};
use super::{place, purgeable_size, unmapped};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_SUCCESS, kern_return_t};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_prot::{VM_PROT_ALL, VM_PROT_DEFAULT};
use crate::headers::vm_statistics::VM_FLAGS_USER_ALLOCATE;
use crate::headers::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_size_t};
use crate::sys::memory;

/// Fresh zeroed pages, anywhere or at a place that is free; with `VM_FLAGS_OVERWRITE`, at any place.
///
/// From 64 KiB on, as long as there are descriptors for that, all of such a region can be given away with a message
/// without being copied.
pub unsafe extern "C" fn mach_vm_allocate(
    task: vm_task_entry_t,
    address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    flags: c_int,
) -> kern_return_t {
    let Some(len) = memory::round_page(size as usize) else {
        return KERN_INVALID_ARGUMENT;
    };
    let mut kernel = match kernel_of(task) {
        Ok(kernel) => kernel,
        Err(code) => return code,
    };
    if flags & !VM_FLAGS_USER_ALLOCATE != 0 {
        return KERN_INVALID_ARGUMENT;
    }
    // SAFETY: the caller's promise: `address` can be read and written, and what it has replaced is its own.
    unsafe {
        if len == 0 {
            address.write(0);
            return KERN_SUCCESS;
        }
        let place = purgeable_size(flags, size).and_then(|()| place(address.read(), len, 0, flags));
        let made = place.and_then(|place| {
            let made = kernel.memory.fresh(place, len, VM_PROT_DEFAULT);
            let at = made.map_err(unmapped)?;
            kernel.memory.mark(at..at + len, flags, VM_PROT_ALL);
            Ok(at as u64)
        });
        give(address, made)
    }
}

/// Gives pages back.
pub unsafe extern "C" fn mach_vm_deallocate(
    task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| {
        if size == 0 {
            return Ok(());
        }
        let Some(range) = possible_pages(address, size)?.map(within_space) else {
            return Ok(());
        };
        if range.is_empty() {
            return Ok(());
        }
        // SAFETY: the caller's promise: nothing uses the memory any more.
        unsafe { memory::unmap(range.start, range.len()) }.map_err(|_| KERN_INVALID_ARGUMENT)?;
        kernel.memory.replaced(&range);
        Ok(())
    }))
}

/// As [`mach_vm_allocate`].
pub unsafe extern "C" fn vm_allocate(
    task: vm_task_entry_t,
    address: *mut vm_address_t,
    size: vm_size_t,
    flags: c_int,
) -> kern_return_t {
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe { mach_vm_allocate(task, address.cast(), size as u64, flags) }
}

/// As [`mach_vm_deallocate`].
pub unsafe extern "C" fn vm_deallocate(
    task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_deallocate(task, address as u64, size as u64) }
}
