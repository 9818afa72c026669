//! `mach_make_memory_entry`: memory as a port.

use std::sync::Arc;

use nix::errno::Errno;

use super::super::kernel_of;
use crate::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_VALUE, KERN_NOT_SUPPORTED,
    KERN_RESOURCE_SHORTAGE, KERN_SUCCESS, kern_return_t,
};
use crate::kernel::Result;
use crate::kernel::memory_entry::MemoryEntry;
use crate::kernel::task::Locked;
use crate::mach_types::mem_entry_name_port_t;
use crate::memory_object_types::{
    MAP_MEM_4K_DATA_ADDR, MAP_MEM_NAMED_CREATE, MAP_MEM_NAMED_REUSE, MAP_MEM_ONLY,
    MAP_MEM_PURGABLE, MAP_MEM_USE_DATA_ADDR, MAP_MEM_VM_COPY, MAP_MEM_VM_SHARE,
    memory_object_offset_t, memory_object_size_t,
};
use crate::port::{MACH_PORT_NULL, mach_port_t};
use crate::sys::{file, memory};
use crate::vm_prot::{VM_PROT_WRITE, vm_prot_t};
use crate::vm_types::{vm_map_t, vm_offset_t, vm_size_t};

/// The bits of a permission that are neither a protection nor a way of caching.
const FLAGS: u32 = 0x00ff_0000;
const KNOWN_FLAGS: u32 = MAP_MEM_ONLY
    | MAP_MEM_NAMED_CREATE
    | MAP_MEM_PURGABLE
    | MAP_MEM_NAMED_REUSE
    | MAP_MEM_USE_DATA_ADDR
    | MAP_MEM_VM_COPY
    | MAP_MEM_VM_SHARE
    | MAP_MEM_4K_DATA_ADDR;

/// What an entry is asked for.
#[derive(Clone, Copy)]
struct Asked {
    size: u64,
    offset: u64,
    flags: u32,
    writable: bool,
    parent: mem_entry_name_port_t,
}

/// A send right to memory that other tasks can map: to new memory, or to a part of another entry. `*size` becomes
/// what the entry has.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_make_memory_entry_64(
    target_task: vm_map_t,
    size: *mut memory_object_size_t,
    offset: memory_object_offset_t,
    permission: vm_prot_t,
    object_handle: *mut mach_port_t,
    parent_handle: mem_entry_name_port_t,
) -> kern_return_t {
    let asked = Asked {
        // SAFETY: the caller's promise.
        size: unsafe { size.read() },
        offset,
        flags: permission.cast_unsigned() & FLAGS,
        writable: permission & VM_PROT_WRITE != 0,
        parent: parent_handle,
    };
    match kernel_of(target_task).and_then(|kernel| make(kernel, asked)) {
        // SAFETY: the caller's promise.
        Ok((name, len)) => unsafe {
            object_handle.write(name);
            size.write(len);
            KERN_SUCCESS
        },
        Err(code) => code,
    }
}

/// As [`mach_make_memory_entry_64`].
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_make_memory_entry(
    target_task: vm_map_t,
    size: *mut vm_size_t,
    offset: vm_offset_t,
    permission: vm_prot_t,
    object_handle: *mut mem_entry_name_port_t,
    parent_entry: mem_entry_name_port_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; a size has 64 bits.
    unsafe {
        let (size, offset) = (size.cast(), offset as u64);
        mach_make_memory_entry_64(
            target_task,
            size,
            offset,
            permission,
            object_handle,
            parent_entry,
        )
    }
}

fn make(mut kernel: Locked, asked: Asked) -> Result<(mach_port_t, u64)> {
    let has = |flag| asked.flags & flag != 0;
    if asked.flags & !KNOWN_FLAGS != 0 {
        return Err(KERN_INVALID_VALUE);
    }
    if has(MAP_MEM_ONLY) {
        // How the processor caches the memory cannot be chosen.
        return Err(KERN_NOT_SUPPORTED);
    }
    let entry = if has(MAP_MEM_NAMED_CREATE) {
        if asked.size == 0 {
            return Ok((MACH_PORT_NULL, 0));
        }
        fresh(asked.size)?
    } else if asked.size == 0 {
        return Err(KERN_INVALID_ARGUMENT);
    } else if asked.parent != MACH_PORT_NULL {
        let parent = kernel.memory_entry(asked.parent);
        parent
            .map_err(|_| KERN_INVALID_ARGUMENT)?
            .part(asked.offset, asked.size, asked.writable)?
    } else {
        return Err(KERN_FAILURE);
    };
    let entry = restricted(entry, asked.writable)?;
    let size = entry.size;
    kernel.give_memory_entry(entry).map(|name| (name, size))
}

/// New memory, in whole pages.
fn fresh(size: u64) -> Result<MemoryEntry> {
    let len = usize::try_from(size).ok().and_then(memory::round_page);
    let len = len.ok_or(KERN_INVALID_ARGUMENT)? as u64;
    Ok(MemoryEntry {
        fd: Arc::new(memory::shareable(len).map_err(short)?),
        offset: 0,
        size: len,
        writable: true,
    })
}

/// An entry through which nobody writes has a descriptor through which nobody can.
fn restricted(entry: MemoryEntry, writable: bool) -> Result<MemoryEntry> {
    if writable || !entry.writable {
        return Ok(entry);
    }
    Ok(MemoryEntry {
        fd: Arc::new(file::read_only(&entry.fd).map_err(short)?),
        writable,
        ..entry
    })
}

fn short(_: Errno) -> kern_return_t {
    KERN_RESOURCE_SHORTAGE
}
