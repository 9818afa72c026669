//! Changing what a range of memory allows, and what forked children get of it.

use super::super::{code, kernel_of};
use super::region::{all_mapped, mapped, possible_pages, share, within_space};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED, KERN_PROTECTION_FAILURE,
    kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_inherit::{
    VM_INHERIT_COPY, VM_INHERIT_LAST_VALID, VM_INHERIT_NONE, VM_INHERIT_SHARE, vm_inherit_t,
};
use crate::headers::vm_prot::{VM_PROT_ALL, VM_PROT_COPY, VM_PROT_NONE, VM_PROT_WRITE, vm_prot_t};
use crate::headers::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_size_t};
use crate::kernel::Result;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::mapping;

/// Sets what a range allows, or with `set_maximum` the most that it may ever allow, which takes away what is beyond it.
pub unsafe extern "C" fn mach_vm_protect(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    set_maximum: boolean_t,
    new_protection: vm_prot_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    code(kernel_of(target_task).and_then(|mut kernel| unsafe {
        protect(
            &mut kernel.memory,
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
    memory: &mut OwnMemory,
    address: u64,
    size: u64,
    maximum: bool,
    wanted: vm_prot_t,
) -> Result<()> {
    if size == 0 {
        return Ok(());
    }
    if wanted & !(VM_PROT_ALL | VM_PROT_COPY) != 0 {
        return Err(KERN_INVALID_ARGUMENT);
    }
    let range = possible_pages(address, size)?.ok_or(KERN_INVALID_ADDRESS)?;
    let found = memory.as_known(mapped(range.clone(), VM_PROT_NONE)?);
    let copies = wanted & VM_PROT_COPY != 0;
    if copies && found.iter().any(|region| region.shared) {
        return Err(KERN_NOT_SUPPORTED);
    }
    // A copy may be written to.
    let added = if copies { VM_PROT_WRITE } else { VM_PROT_NONE };
    let wanted = wanted & VM_PROT_ALL;
    let parts = memory.marks.within(range.clone());
    if parts
        .iter()
        .any(|(_, mark)| wanted & !(mark.most | added) != 0)
    {
        return Err(KERN_PROTECTION_FAILURE);
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
    if maximum {
        memory.marks.change(range, |mark| mark.most = wanted);
    } else if copies {
        memory.marks.change(range, |mark| mark.most |= added);
    }
    Ok(())
}

/// Says what forked children get of what is mapped in a range: the same memory, a copy, or nothing.
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
        if size == 0 {
            return Ok(());
        }
        if new_inheritance > VM_INHERIT_LAST_VALID {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let range = possible_pages(address, size)?.ok_or(KERN_INVALID_ARGUMENT)?;
        // What is mapped of the range counts, as far as it may be mapped.
        let range = within_space(range);
        let found = kernel.memory.as_known(all_mapped(&range)?);
        let private = found.iter().filter(|region| !region.shared);
        match new_inheritance {
            VM_INHERIT_COPY if found.iter().any(|region| region.shared) => {
                return Err(KERN_NOT_SUPPORTED);
            }
            VM_INHERIT_SHARE => {
                for part in private.map(|region| region.range.clone()) {
                    // SAFETY: the caller's promise.
                    unsafe { share(&mut kernel.memory, part, VM_PROT_NONE) }?;
                }
            }
            _ => {}
        }
        let given = new_inheritance != VM_INHERIT_NONE;
        for region in found {
            kernel.memory.give_children(&region.range, given);
            mapping::give_children(region.range, given).map_err(|_| KERN_INVALID_ADDRESS)?;
        }
        Ok(())
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
