//! Copying memory within the task, with every address checked.

use std::os::fd::OwnedFd;

use super::super::{check_task, check_task_by, code, give};
use super::region::usable;
use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE, kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::message::{MACH_SEND_INVALID_MEMORY, mach_msg_type_number_t};
use crate::headers::vm_prot::{VM_PROT_READ, VM_PROT_WRITE};
use crate::headers::vm_region::{VM_MAP_ENTRY_MAX, mach_vm_read_entry, vm_read_entry};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, natural_t, vm_address_t, vm_map_t, vm_offset_t, vm_size_t,
};
use crate::kernel::Result;
use crate::kernel::objects::kobject::TaskPort;
use crate::sys::{memory, user};

/// A copy of memory, as a file of its own: what happens to the original later does not matter.
fn snapshot(address: u64, size: u64) -> Result<OwnedFd> {
    usable(address, size, VM_PROT_READ)?;
    memory::sealed_copy_of_user(address as usize, size as usize).map_err(|errno| match errno {
        nix::errno::Errno::EFAULT => KERN_INVALID_ADDRESS,
        _ => KERN_RESOURCE_SHORTAGE,
    })
}

/// # Safety
/// Nothing uses the destination in a way that a change breaks.
unsafe fn copy(from: u64, size: u64, to: u64) -> Result<()> {
    if size == 0 {
        return Ok(());
    }
    let bytes = snapshot(from, size)?;
    // SAFETY: the caller's promise.
    unsafe { put(&bytes, size, to) }
}

/// # Safety
/// As [`copy`].
unsafe fn put(bytes: &OwnedFd, size: u64, to: u64) -> Result<()> {
    usable(to, size, VM_PROT_WRITE)?;
    // SAFETY: the caller's promise.
    unsafe { user::fill(to as usize, size as usize, bytes, 0) }.map_err(|_| KERN_INVALID_ADDRESS)
}

/// A copy in fresh pages; 0 if there is nothing to copy.
fn fresh_copy(address: u64, size: u64) -> Result<usize> {
    if size == 0 {
        return Ok(0);
    }
    let page = memory::page_size() as u64;
    let beyond = if size < 2 * page { 0 } else { address % page };
    let whole = size.checked_add(beyond).ok_or(KERN_INVALID_ADDRESS)?;
    let bytes = snapshot(address - beyond, whole)?;
    let at = memory::map_private(&bytes, (size + beyond) as usize).map_err(super::unmapped)?;
    Ok(at + beyond as usize)
}

/// Copies several ranges as [`mach_vm_read`] does, and writes their places into the list. Of one that cannot be copied
/// nothing is left in the list but zeros; whether the call succeeds depends on the last one that has bytes, as on XNU. If it
/// fails, the list stays as it was.
pub unsafe extern "C" fn mach_vm_read_list(
    target_task: vm_task_entry_t,
    data_list: *mut mach_vm_read_entry,
    count: natural_t,
) -> kern_return_t {
    code(check_task_by(target_task, TaskPort::Read).and_then(|()| {
        if count > VM_MAP_ENTRY_MAX as u32 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let (mut made, mut result) = (Vec::new(), Ok(()));
        for index in 0..count as usize {
            // SAFETY: the caller's promise.
            let asked = unsafe { data_list.add(index).read() };
            let copy = fresh_copy(asked.address, asked.size);
            if asked.size > 0 {
                result = copy.map(drop);
            }
            made.push(copy.map_or((0, 0), |at| (at, asked.size)));
        }
        for (index, (at, size)) in made.into_iter().enumerate() {
            if result.is_ok() {
                let address = at as u64;
                // SAFETY: the caller's promise.
                unsafe {
                    data_list
                        .add(index)
                        .write(mach_vm_read_entry { address, size })
                };
            } else if size > 0 {
                free(at, size as usize);
            }
        }
        result
    }))
}

/// Frees a copy that nobody was given.
fn free(at: usize, size: usize) {
    let page = memory::page_size();
    let start = at / page * page;
    // SAFETY: nobody knows of the pages.
    let _ = unsafe { memory::unmap(start, at + size - start) };
}

/// A copy of memory in fresh pages, to be freed with `vm_deallocate`. From two pages on, whole pages are copied, and the
/// data begins where in its page it did.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_vm_read(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    data: *mut vm_offset_t,
    dataCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let copied = check_task_by(target_task, TaskPort::Read).and_then(|()| {
        let count = u32::try_from(size).map_err(|_| KERN_INVALID_ARGUMENT)?;
        fresh_copy(address, size).map(|at| (at, count))
    });
    // SAFETY: the caller's promise.
    unsafe {
        give(dataCnt, copied.map(|(_, count)| count));
        give(data, copied.map(|(at, _)| at))
    }
}

/// Copies memory to a place of the caller's.
pub unsafe extern "C" fn mach_vm_read_overwrite(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    data: mach_vm_address_t,
    outsize: *mut mach_vm_size_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let copied = check_task_by(target_task, TaskPort::Read)
        .and_then(|()| unsafe { copy(address, size, data) });
    // SAFETY: the caller's promise.
    unsafe { give(outsize, copied.map(|()| size)) }
}

/// Copies `dataCnt` bytes from `data` to `address`. The data is what a message would carry: `MACH_SEND_INVALID_MEMORY` if
/// it cannot be read.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_vm_write(
    target_task: vm_map_t,
    address: mach_vm_address_t,
    data: vm_offset_t,
    dataCnt: mach_msg_type_number_t,
) -> kern_return_t {
    let size = u64::from(dataCnt);
    code(check_task(target_task).and_then(|()| {
        if size == 0 {
            return Ok(());
        }
        usable(data as u64, size, VM_PROT_READ).map_err(|_| MACH_SEND_INVALID_MEMORY)?;
        let bytes = snapshot(data as u64, size)?;
        // SAFETY: the caller's promise.
        unsafe { put(&bytes, size, address) }
    }))
}

/// Copies memory; the ranges may overlap.
pub unsafe extern "C" fn mach_vm_copy(
    target_task: vm_task_entry_t,
    source_address: mach_vm_address_t,
    size: mach_vm_size_t,
    dest_address: mach_vm_address_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    code(check_task(target_task).and_then(|()| unsafe { copy(source_address, size, dest_address) }))
}

/// As [`mach_vm_read`].
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn vm_read(
    target_task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
    data: *mut vm_offset_t,
    dataCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_read(target_task, address as u64, size as u64, data, dataCnt) }
}

/// As [`mach_vm_read_list`].
pub unsafe extern "C" fn vm_read_list(
    target_task: vm_task_entry_t,
    data_list: *mut vm_read_entry,
    count: natural_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; both lists have the same layout.
    unsafe { mach_vm_read_list(target_task, data_list.cast(), count) }
}

/// As [`mach_vm_read_overwrite`].
pub unsafe extern "C" fn vm_read_overwrite(
    target_task: vm_task_entry_t,
    address: vm_address_t,
    size: vm_size_t,
    data: vm_address_t,
    outsize: *mut vm_size_t,
) -> kern_return_t {
    let (from, to) = (address as u64, data as u64);
    // SAFETY: the caller's promise; a size has 64 bits.
    unsafe { mach_vm_read_overwrite(target_task, from, size as u64, to, outsize.cast()) }
}

/// As [`mach_vm_write`].
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn vm_write(
    target_task: vm_map_t,
    address: vm_address_t,
    data: vm_offset_t,
    dataCnt: mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_write(target_task, address as u64, data, dataCnt) }
}

/// As [`mach_vm_copy`].
pub unsafe extern "C" fn vm_copy(
    target_task: vm_task_entry_t,
    source_address: vm_address_t,
    size: vm_size_t,
    dest_address: vm_address_t,
) -> kern_return_t {
    let (from, to) = (source_address as u64, dest_address as u64);
    // SAFETY: the caller's promise.
    unsafe { mach_vm_copy(target_task, from, size as u64, to) }
}
