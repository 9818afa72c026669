//! `mach_make_memory_entry`: memory as a port.

use std::sync::Arc;

use super::super::{give, kernel_of, kernel_of_host};
use super::region::{copied, mapped, pages, share};
use super::{four_kilobytes, short};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_VALUE, KERN_NOT_SUPPORTED,
    KERN_PROTECTION_FAILURE, KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_types::{host_t, mem_entry_name_port_t};
use crate::headers::memory_object_types::{
    MAP_MEM_4K_DATA_ADDR, MAP_MEM_NAMED_CREATE, MAP_MEM_NAMED_REUSE, MAP_MEM_ONLY,
    MAP_MEM_PURGABLE, MAP_MEM_USE_DATA_ADDR, MAP_MEM_VM_COPY, MAP_MEM_VM_SHARE,
    memory_object_offset_t, memory_object_size_t,
};
use crate::headers::port::{MACH_PORT_NULL, mach_port_t};
use crate::headers::vm_prot::{
    VM_PROT_ALL, VM_PROT_IS_MASK, VM_PROT_READ, VM_PROT_WRITE, vm_prot_t,
};
use crate::headers::vm_types::{vm_map_t, vm_offset_t, vm_size_t};
use crate::kernel::Result;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::objects::memory_entry::MemoryEntry;
use crate::kernel::task::Locked;
use crate::sys::{file, memory};

/// The bits of a permission that are neither a protection nor a way of caching.
const FLAGS: u32 = 0x00ff_0000;
/// Where the way of caching stands in a permission.
const CACHED: u32 = 24;
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
    /// How the processor is to cache the memory; 0 for no wish.
    cached: u32,
    protection: vm_prot_t,
    /// The protection is what is wanted of what the memory allows.
    masked: bool,
    parent: mem_entry_name_port_t,
}

/// A send right to memory that other tasks can map: to new memory, to a part of another entry, or to what is mapped at
/// an address. `*size` becomes what the entry has.
///
/// Private memory at an address becomes shared memory there; no other thread may write to it during the call.
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
        cached: permission.cast_unsigned() >> CACHED,
        protection: permission & VM_PROT_ALL,
        masked: permission & VM_PROT_IS_MASK != 0,
        parent: parent_handle,
    };
    // SAFETY: the caller's promise.
    match kernel_of(target_task).and_then(|kernel| unsafe { asked.make(kernel) }) {
        // SAFETY: the caller's promise.
        Ok((name, len)) => unsafe {
            object_handle.write(name);
            size.write(len);
            KERN_SUCCESS
        },
        Err(code) => code,
    }
}

/// A send right to new memory that other tasks can map, if `internal` says so; `KERN_INVALID_ARGUMENT` otherwise, and
/// `KERN_NOT_SUPPORTED` with a pager, of which there are none.
pub unsafe extern "C" fn mach_memory_object_memory_entry_64(
    host: host_t,
    internal: boolean_t,
    size: memory_object_offset_t,
    permission: vm_prot_t,
    pager: mach_port_t,
    entry_handle: *mut mach_port_t,
) -> kern_return_t {
    let asked = Asked {
        size,
        offset: 0,
        flags: MAP_MEM_NAMED_CREATE,
        cached: 0,
        protection: permission & VM_PROT_ALL,
        masked: false,
        parent: MACH_PORT_NULL,
    };
    let made = kernel_of_host(host).and_then(|kernel| match (pager, internal) {
        (MACH_PORT_NULL, 0) => Err(KERN_INVALID_ARGUMENT),
        // SAFETY: new memory is nobody else's.
        (MACH_PORT_NULL, _) => unsafe { asked.make(kernel) },
        _ => Err(KERN_NOT_SUPPORTED),
    });
    // SAFETY: the caller's promise.
    unsafe { give(entry_handle, made.map(|(name, _)| name)) }
}

/// As [`mach_memory_object_memory_entry_64`].
pub unsafe extern "C" fn mach_memory_object_memory_entry(
    host: host_t,
    internal: boolean_t,
    size: vm_size_t,
    permission: vm_prot_t,
    pager: mach_port_t,
    entry_handle: *mut mach_port_t,
) -> kern_return_t {
    let size = size as memory_object_offset_t;
    // SAFETY: the caller's promise.
    unsafe {
        mach_memory_object_memory_entry_64(host, internal, size, permission, pager, entry_handle)
    }
}

impl Asked {
    fn has(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// The entry's name and size.
    ///
    /// # Safety
    /// As [`share`].
    unsafe fn make(self, mut kernel: Locked) -> Result<(mach_port_t, u64)> {
        if self.flags & !KNOWN_FLAGS != 0 {
            return Err(KERN_INVALID_VALUE);
        }
        if self.has(MAP_MEM_ONLY) {
            let parent = kernel.memory_entry(self.parent).ok();
            let exact = self.has(MAP_MEM_USE_DATA_ADDR | MAP_MEM_4K_DATA_ADDR);
            return match parent.filter(|parent| !parent.copied && !exact) {
                None => Err(KERN_INVALID_ARGUMENT),
                Some(_) if self.cached == 0 => Ok((MACH_PORT_NULL, 0)),
                // How the processor caches the memory cannot be chosen.
                Some(_) => Err(KERN_NOT_SUPPORTED),
            };
        }
        if self.size == 0 {
            return match self.has(MAP_MEM_NAMED_CREATE) {
                true => Ok((MACH_PORT_NULL, 0)),
                false => Err(KERN_INVALID_ARGUMENT),
            };
        }
        // SAFETY: the caller's promise.
        let entry = restricted(unsafe { self.find(&mut kernel) }?, self)?;
        let size = entry.size - entry.data;
        if self.has(MAP_MEM_NAMED_REUSE)
            && let Ok(known) = kernel.memory_entry(self.parent)
            && known.is(&entry)
        {
            return kernel
                .another_reference(self.parent)
                .map(|name| (name, size));
        }
        let name = kernel.give_object(KernelObject::Memory(entry))?;
        Ok((name, size))
    }

    /// # Safety
    /// As [`share`].
    unsafe fn find(self, kernel: &mut Locked) -> Result<MemoryEntry> {
        let exact = self.has(MAP_MEM_USE_DATA_ADDR | MAP_MEM_4K_DATA_ADDR);
        if self.has(MAP_MEM_NAMED_CREATE) {
            let len = usize::try_from(self.size).ok().and_then(memory::round_page);
            let len = len.ok_or(KERN_INVALID_ARGUMENT)? as u64;
            let fd = match i64::try_from(len) {
                Ok(_) => memory::shareable(len).map_err(short)?,
                Err(_) => return Err(KERN_FAILURE),
            };
            return Ok(MemoryEntry {
                purgeable: self.has(MAP_MEM_PURGABLE),
                ..MemoryEntry::whole(Arc::new(fd), len, true)
            });
        }
        if self.parent != MACH_PORT_NULL && !self.has(MAP_MEM_NAMED_REUSE) {
            let parent = kernel.memory_entry(self.parent);
            let parent = parent.map_err(|_| KERN_INVALID_ARGUMENT)?;
            return match exact {
                true => self.data_in(&parent, self.offset),
                false => parent.part(self.offset, self.size),
            };
        }
        let range = pages(self.offset, self.size)?;
        let beyond = self.offset - range.start as u64;
        let needed = match self.masked {
            true => VM_PROT_READ,
            false => self.protection,
        };
        let entry = if self.has(MAP_MEM_VM_COPY) {
            mapped(range.clone(), VM_PROT_READ)?;
            let fd = Arc::new(copied(&range)?);
            MemoryEntry::whole(fd, range.len() as u64, true)
        } else {
            // SAFETY: the caller's promise.
            unsafe { share(&mut kernel.memory, range, needed) }?
        };
        let entry = MemoryEntry {
            copied: self.has(MAP_MEM_VM_COPY | MAP_MEM_VM_SHARE),
            ..entry
        };
        match exact {
            true => self.data_in(&entry, beyond),
            false => Ok(entry),
        }
    }

    /// The part of an entry that is meant for the data at an offset.
    fn data_in(&self, entry: &MemoryEntry, offset: u64) -> Result<MemoryEntry> {
        let mut part = entry.part_for_data(offset, self.size)?;
        if self.has(MAP_MEM_4K_DATA_ADDR) {
            part.data = four_kilobytes(part.data);
        }
        Ok(part)
    }
}

/// An entry through which nobody writes has a descriptor through which nobody can.
fn restricted(entry: MemoryEntry, asked: Asked) -> Result<MemoryEntry> {
    match (asked.protection & VM_PROT_WRITE != 0, entry.writable) {
        (true, false) if !asked.masked => Err(KERN_PROTECTION_FAILURE),
        (false, true) => Ok(MemoryEntry {
            fd: Arc::new(file::read_only(&entry.fd).map_err(short)?),
            writable: false,
            ..entry
        }),
        _ => Ok(entry),
    }
}

/// As [`mach_make_memory_entry_64`].
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
