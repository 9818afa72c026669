//! `vm_map`: memory entries and fresh memory, mapped.

use core::ffi::c_int;
use std::sync::Arc;

use super::super::{give, kernel_of};
use super::{four_kilobytes, place_from, purgeable_size, unmapped};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_OBJECT, KERN_INVALID_RIGHT, kern_return_t,
};
use crate::headers::mach_types::mem_entry_name_port_t;
use crate::headers::memory_object_types::memory_object_offset_t;
use crate::headers::port::MACH_PORT_NULL;
use crate::headers::vm_inherit::{
    VM_INHERIT_LAST_VALID, VM_INHERIT_NONE, VM_INHERIT_SHARE, vm_inherit_t,
};
use crate::headers::vm_prot::{VM_PROT_ALL, VM_PROT_IS_MASK, VM_PROT_WRITE, vm_prot_t};
use crate::headers::vm_statistics::{
    VM_FLAGS_ANYWHERE, VM_FLAGS_PURGABLE, VM_FLAGS_RETURN_4K_DATA_ADDR, VM_FLAGS_RETURN_DATA_ADDR,
    VM_FLAGS_SUPERPAGE_MASK, VM_FLAGS_USER_MAP,
};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_offset_t,
    vm_size_t,
};
use crate::kernel::Result;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::file;
use crate::sys::mapping::{self, Backing, Place};
use crate::sys::memory;

/// A mapping that is asked for.
#[derive(Clone, Copy)]
struct Asked {
    address: u64,
    size: u64,
    mask: u64,
    flags: c_int,
    object: mem_entry_name_port_t,
    offset: u64,
    copy: bool,
    current: vm_prot_t,
    maximum: vm_prot_t,
    inheritance: vm_inherit_t,
}

impl Asked {
    fn check(&self) -> Result<()> {
        let wrong = |protection| protection & !(VM_PROT_ALL | VM_PROT_IS_MASK) != 0;
        if self.size == 0
            || self.flags & !VM_FLAGS_USER_MAP != 0
            || wrong(self.current)
            || wrong(self.maximum)
            || self.inheritance > VM_INHERIT_LAST_VALID
        {
            return Err(KERN_INVALID_ARGUMENT);
        }
        if self.flags & VM_FLAGS_ANYWHERE == 0 {
            let page = memory::page_size();
            let end = (self.address as usize / page * page).checked_add(self.size as usize);
            end.and_then(memory::round_page)
                .ok_or(KERN_INVALID_ARGUMENT)?;
        }
        if self.object != MACH_PORT_NULL && self.flags & VM_FLAGS_SUPERPAGE_MASK != 0 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        purgeable_size(self.flags, self.size)
    }

    /// Maps it; the address.
    ///
    /// # Safety
    /// With `VM_FLAGS_OVERWRITE`, nothing uses what was there in a way that the new pages break.
    unsafe fn map(self, target: vm_map_t) -> Result<u64> {
        let mut kernel = kernel_of(target)?;
        self.check()?;
        if self.object == MACH_PORT_NULL {
            let len = whole_pages(self.size)?;
            let maximum = self.maximum & VM_PROT_ALL;
            let current = self.current & maximum;
            if self.inheritance != VM_INHERIT_SHARE {
                let place = self.place(len)?;
                // SAFETY: the caller's promise.
                let at = unsafe { kernel.memory.fresh(place, len, current) }.map_err(unmapped)?;
                kernel.memory.mark(at..at + len, self.flags, maximum);
                self.keep_from_children(&mut kernel.memory, at, len)?;
                return Ok(at as u64);
            }
            let fd = Arc::new(memory::shareable(len as u64).map_err(super::short)?);
            // SAFETY: the caller's promise.
            let at = unsafe { self.put(len, current, Backing::Shared(&fd, 0)) }?;
            kernel.memory.add_shared(at..at + len, &fd, true);
            kernel.memory.mark(at..at + len, self.flags, maximum);
            return Ok(at as u64);
        }
        let entry = kernel.memory_entry(self.object)?;
        let permitted = |asked: vm_prot_t| {
            let refused = if entry.writable { 0 } else { VM_PROT_WRITE };
            match asked & refused {
                0 => Ok(asked & VM_PROT_ALL),
                _ if asked & VM_PROT_IS_MASK != 0 => Ok(asked & VM_PROT_ALL & !refused),
                _ => Err(KERN_INVALID_RIGHT),
            }
        };
        // Only all of memory that was made so vanishes.
        let whole = self.offset == 0 && whole_pages(self.size)? as u64 == entry.size;
        if self.flags & VM_FLAGS_PURGABLE != 0 && !(entry.purgeable && whole) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let (maximum, current) = (permitted(self.maximum)?, permitted(self.current)?);
        let current = current & maximum;
        let exact = self.flags & (VM_FLAGS_RETURN_DATA_ADDR | VM_FLAGS_RETURN_4K_DATA_ADDR);
        let part = entry.to_map(self.offset, self.size, exact != 0)?;
        let fixed = self.flags & VM_FLAGS_ANYWHERE == 0;
        if entry.copied && fixed && part.size != entry.size {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let (start, len) = (part.offset, part.size as usize);
        let end = usize::try_from(start)
            .ok()
            .and_then(|at| at.checked_add(len));
        // Whoever sent the entry could otherwise take the memory away, and every access would be a crash.
        if !end.is_some_and(|end| memory::cannot_shrink(&part.fd, end)) {
            return Err(KERN_INVALID_OBJECT);
        }
        let at = if self.copy {
            // SAFETY: the caller's promise.
            let at = unsafe { self.put(len, current, Backing::Copy(&part.fd, start)) }?;
            kernel.memory.replaced(&(at..at + len));
            self.keep_from_children(&mut kernel.memory, at, len)?;
            at
        } else {
            let writes = (current | maximum) & VM_PROT_WRITE != 0;
            let fd = match part.writable && !writes {
                // A descriptor that cannot write keeps the protection from being raised later.
                true => Arc::new(file::read_only(&part.fd).map_err(super::short)?),
                false => part.fd,
            };
            // SAFETY: the caller's promise.
            let at = unsafe { self.put(len, current, Backing::Shared(&fd, start)) }?;
            kernel.memory.add_shared(at..at + len, &fd, writes);
            self.keep_from_children(&mut kernel.memory, at, len)?;
            at
        };
        kernel.memory.mark(at..at + len, self.flags, maximum);
        Ok(at as u64
            + match exact {
                0 => 0,
                VM_FLAGS_RETURN_4K_DATA_ADDR => four_kilobytes(part.data),
                _ => part.data,
            })
    }

    fn place(&self, len: usize) -> Result<Place> {
        place_from(self.address, len, self.mask, self.flags)
    }

    /// # Safety
    /// As [`Asked::map`].
    unsafe fn put(&self, len: usize, current: vm_prot_t, backing: Backing<'_>) -> Result<usize> {
        let place = self.place(len)?;
        let pages = mapping::protection(current);
        // SAFETY: the caller's promise.
        unsafe { mapping::map(place, len, pages, backing) }.map_err(unmapped)
    }

    fn keep_from_children(&self, memory: &mut OwnMemory, at: usize, len: usize) -> Result<()> {
        if self.inheritance != VM_INHERIT_NONE {
            return Ok(());
        }
        memory.give_children(&(at..at + len), false);
        mapping::give_children(at..at + len, false).map_err(unmapped)
    }
}

fn whole_pages(size: u64) -> Result<usize> {
    let len = usize::try_from(size).ok().and_then(memory::round_page);
    len.ok_or(KERN_INVALID_ARGUMENT)
}

/// Maps a memory entry, or fresh memory if `object` is `MACH_PORT_NULL`. What `max_protection` does not allow is never
/// allowed, at once or later.
///
/// Shared memory is shared with forked children unless `inheritance` is `VM_INHERIT_NONE`, and fresh memory is copied
/// for them.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn mach_vm_map(
    target_task: vm_map_t,
    address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    mask: mach_vm_offset_t,
    flags: c_int,
    object: mem_entry_name_port_t,
    offset: memory_object_offset_t,
    copy: boolean_t,
    cur_protection: vm_prot_t,
    max_protection: vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    let asked = Asked {
        // SAFETY: the caller's promise.
        address: unsafe { address.read() },
        size,
        mask,
        flags,
        object,
        offset,
        copy: copy != 0,
        current: cur_protection,
        maximum: max_protection,
        inheritance,
    };
    // SAFETY: the caller's promise.
    unsafe { give(address, asked.map(target_task)) }
}

/// As [`mach_vm_map`].
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn vm_map(
    target_task: vm_map_t,
    address: *mut vm_address_t,
    size: vm_size_t,
    mask: vm_address_t,
    flags: c_int,
    object: mem_entry_name_port_t,
    offset: vm_offset_t,
    copy: boolean_t,
    cur_protection: vm_prot_t,
    max_protection: vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        mach_vm_map(
            target_task,
            address.cast(),
            size as u64,
            mask as u64,
            flags,
            object,
            offset as u64,
            copy,
            cur_protection,
            max_protection,
            inheritance,
        )
    }
}
