//! `vm_purgable_control`: memory that may vanish while it is volatile.

use core::ffi::c_int;

use super::super::{code, kernel_by};
use super::advice::zero;
use super::region::all_mapped;
use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_PROTECTION_FAILURE, kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_prot::VM_PROT_WRITE;
use crate::headers::vm_purgable::{
    VM_PURGABLE_ALL_MASKS, VM_PURGABLE_DENY, VM_PURGABLE_EMPTY, VM_PURGABLE_GET_STATE,
    VM_PURGABLE_PURGE_ALL, VM_PURGABLE_SET_STATE, VM_PURGABLE_STATE_MASK, VM_PURGABLE_VOLATILE,
    vm_purgable_t,
};
use crate::headers::vm_types::{mach_vm_address_t, vm_address_t, vm_map_t};
use crate::kernel::Result;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::objects::marks::Purgeable;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::memory::page_size;

/// Asks for the state of memory that was allocated with `VM_FLAGS_PURGABLE`, or sets it: then `state` becomes the former
/// one. Volatile memory vanishes when the program says so (`VM_PURGABLE_PURGE_ALL`, of this task), and not for others' need.
pub unsafe extern "C" fn mach_vm_purgable_control(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    control: vm_purgable_t,
    state: *mut c_int,
) -> kern_return_t {
    let needed = match control {
        VM_PURGABLE_GET_STATE => TaskPort::Read,
        _ => TaskPort::Control,
    };
    code(kernel_by(target_task, needed).and_then(|mut kernel| {
        let memory = &mut kernel.memory;
        match control {
            VM_PURGABLE_PURGE_ALL => {
                purge_all(memory);
                Ok(())
            }
            VM_PURGABLE_GET_STATE => {
                let known = purgeable(memory, address, false)?;
                // SAFETY: the caller's promise.
                unsafe { state.write(known.state) };
                Ok(())
            }
            VM_PURGABLE_SET_STATE => {
                // SAFETY: the caller's promise.
                let asked = unsafe { state.read() };
                if asked & !VM_PURGABLE_ALL_MASKS != 0 {
                    return Err(KERN_INVALID_ARGUMENT);
                }
                let known = purgeable(memory, address, true)?;
                set(memory, known, asked & VM_PURGABLE_STATE_MASK)?;
                // SAFETY: the caller's promise.
                unsafe { state.write(known.state) };
                Ok(())
            }
            _ => Err(KERN_INVALID_ARGUMENT),
        }
    }))
}

/// The object at an address.
fn purgeable(memory: &OwnMemory, address: u64, change: bool) -> Result<Purgeable> {
    let page = page_size();
    let at = address as usize / page * page;
    let end = at.checked_add(page).ok_or(KERN_INVALID_ADDRESS)?;
    let found = all_mapped(&(at..end))?;
    let region = found.first().ok_or(KERN_INVALID_ADDRESS)?;
    if change && region.protection & VM_PROT_WRITE == 0 {
        return Err(KERN_PROTECTION_FAILURE);
    }
    let (_, mark) = memory.marks.at(at);
    mark.purgeable.ok_or(KERN_INVALID_ARGUMENT)
}

fn set(memory: &mut OwnMemory, known: Purgeable, state: c_int) -> Result<()> {
    match state {
        VM_PURGABLE_DENY => return Err(KERN_INVALID_ARGUMENT),
        // What has vanished is not there to be kept or to vanish.
        VM_PURGABLE_VOLATILE if known.state == VM_PURGABLE_EMPTY => return Ok(()),
        VM_PURGABLE_EMPTY => purge(memory, known),
        _ => memory.marks.set_state(known, state),
    }
    Ok(())
}

fn purge_all(memory: &mut OwnMemory) {
    for known in memory.marks.in_state(VM_PURGABLE_VOLATILE) {
        purge(memory, known);
    }
}

fn purge(memory: &mut OwnMemory, known: Purgeable) {
    for part in memory.marks.of_object(known) {
        if let Ok(found) = all_mapped(&part) {
            // SAFETY: memory of this kind is what its program can do without. What cannot be emptied stays.
            let _ = unsafe { zero(memory, &found) };
        }
    }
    memory.marks.set_state(known, VM_PURGABLE_EMPTY);
}

/// As [`mach_vm_purgable_control`].
pub unsafe extern "C" fn vm_purgable_control(
    target_task: vm_map_t,
    address: vm_address_t,
    control: vm_purgable_t,
    state: *mut c_int,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_purgable_control(target_task, address as u64, control, state) }
}
