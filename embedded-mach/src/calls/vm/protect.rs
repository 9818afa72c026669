//! Changing what a range of memory allows, and what forked children get of it.

use super::super::{code, kernel_of};
use super::region::{mapped, pages, possible_pages, share};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED, KERN_PROTECTION_FAILURE,
    kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_inherit::{
    VM_INHERIT_COPY, VM_INHERIT_NONE, VM_INHERIT_SHARE, vm_inherit_t,
};
use crate::headers::vm_prot::{VM_PROT_ALL, VM_PROT_COPY, VM_PROT_NONE, vm_prot_t};
use crate::headers::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_size_t};
use crate::kernel::Result;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::mapping;

/// Sets what a range allows. Linux keeps no maximum: `set_maximum` takes away what is not in it, and does not keep it
/// from being given back.
pub unsafe extern "C" fn mach_vm_protect(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    set_maximum: boolean_t,
    new_protection: vm_prot_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    code(kernel_of(target_task).and_then(|kernel| unsafe {
        protect(
            &kernel.memory,
            address,
            size,
            set_maximum != 0,
            new_protection,
        )
    }))
}

/// # Safety
/// The program can do without what it takes away.
unsafe fn protect(
    memory: &OwnMemory,
    address: u64,
    size: u64,
    maximum: bool,
    wanted: vm_prot_t,
) -> Result<()> {
    if wanted & !(VM_PROT_ALL | VM_PROT_COPY) != 0 {
        return Err(KERN_INVALID_ARGUMENT);
    }
    if size == 0 {
        return Ok(());
    }
    let range = possible_pages(address, size)?.ok_or(KERN_INVALID_ADDRESS)?;
    let found = memory.as_known(mapped(range, VM_PROT_NONE)?);
    if wanted & VM_PROT_COPY != 0 && found.iter().any(|region| region.shared) {
        return Err(KERN_NOT_SUPPORTED);
    }
    for region in found {
        let kept = if maximum {
            region.protection
        } else {
            VM_PROT_ALL
        };
        let protection = mapping::protection(wanted & kept);
        // SAFETY: the caller's promise.
        unsafe { mapping::protect(region.range, protection) }.map_err(|errno| match errno {
            nix::errno::Errno::EACCES => KERN_PROTECTION_FAILURE,
            _ => KERN_INVALID_ADDRESS,
        })?;
    }
    Ok(())
}

/// Says what forked children get of a range: the same memory, a copy, or nothing.
///
/// Private memory that is to be the same becomes shared memory; no other thread may write to it during the call. Shared
/// memory cannot be copied for children: `KERN_NOT_SUPPORTED`.
pub unsafe extern "C" fn mach_vm_inherit(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    new_inheritance: vm_inherit_t,
) -> kern_return_t {
    code(kernel_of(target_task).and_then(|mut kernel| {
        let range = pages(address, size)?;
        if size == 0 {
            return Ok(());
        }
        let found = kernel.memory.as_known(mapped(range.clone(), VM_PROT_NONE)?);
        let shared = found.iter().any(|region| region.shared);
        match new_inheritance {
            VM_INHERIT_NONE => {}
            VM_INHERIT_COPY if shared => return Err(KERN_NOT_SUPPORTED),
            VM_INHERIT_COPY => {}
            VM_INHERIT_SHARE if found.iter().all(|region| region.shared) => {}
            // SAFETY: the caller's promise.
            VM_INHERIT_SHARE => unsafe {
                share(&mut kernel.memory, range.clone(), VM_PROT_NONE)?;
            },
            _ => return Err(KERN_INVALID_ARGUMENT),
        }
        let given = new_inheritance != VM_INHERIT_NONE;
        kernel.memory.give_children(&range, given);
        mapping::give_children(range, given).map_err(|_| KERN_INVALID_ADDRESS)
    }))
}

/// As [`mach_vm_protect`].
pub unsafe extern "C" fn vm_protect(
    target_task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
    set_maximum: boolean_t,
    new_protection: vm_prot_t,
) -> kern_return_t {
    let (address, size) = (address as u64, size as u64);
    // SAFETY: the caller's promise.
    unsafe { mach_vm_protect(target_task, address, size, set_maximum, new_protection) }
}

/// As [`mach_vm_inherit`].
pub unsafe extern "C" fn vm_inherit(
    target_task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
    new_inheritance: vm_inherit_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_inherit(target_task, address as u64, size as u64, new_inheritance) }
}
