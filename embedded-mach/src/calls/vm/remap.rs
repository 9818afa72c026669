//! `vm_remap`: memory of this task a second time.

use core::ffi::c_int;
use std::ops::Range;

use super::super::{give, kernel_of};
use super::region::{copied, mapped, pages, share};
use super::{place, unmapped};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED, KERN_PROTECTION_FAILURE, kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_inherit::{VM_INHERIT_LAST_VALID, VM_INHERIT_NONE, vm_inherit_t};
use crate::headers::vm_prot::{
    VM_PROT_ALL, VM_PROT_EXECUTE, VM_PROT_NONE, VM_PROT_READ, VM_PROT_WRITE, vm_prot_t,
};
use crate::headers::vm_statistics::{
    VM_FLAGS_RESILIENT_CODESIGN, VM_FLAGS_RESILIENT_MEDIA, VM_FLAGS_RETURN_DATA_ADDR,
    VM_FLAGS_USER_REMAP,
};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_size_t,
};
use crate::kernel::Result;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::objects::marks::Mark;
use crate::sys::mapping::{self, Backing};
use crate::sys::memory::page_size;

const WRITTEN_AND_RUN: vm_prot_t = VM_PROT_WRITE | VM_PROT_EXECUTE;

/// A second mapping that is asked for.
struct Asked {
    address: u64,
    size: u64,
    mask: u64,
    flags: c_int,
    source: u64,
    copy: bool,
    inheritance: vm_inherit_t,
    /// What the mapping is to allow, now and at most; else what the source does.
    protections: Option<(vm_prot_t, vm_prot_t)>,
}

impl Asked {
    /// Maps it; the address, and what it allows now and at most.
    ///
    /// # Safety
    /// With `VM_FLAGS_OVERWRITE`, nothing uses what was there in a way that the new pages break; without `copy`, no other
    /// thread writes to the source while the call lasts.
    unsafe fn map(&self, target: vm_map_t, from: vm_map_t) -> Result<(u64, vm_prot_t, vm_prot_t)> {
        let mut kernel = kernel_of(target)?;
        self.check()?;
        if !kernel.is_self(from, TaskPort::Read) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let source = self.source()?;
        if self.flags & VM_FLAGS_RESILIENT_MEDIA != 0 && !self.copy {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let regions = mapped(source.clone(), VM_PROT_NONE)?;
        let marks = kernel.memory.marks.within(source.clone());
        let all = regions.iter().map(|region| region.protection);
        let current = all.fold(VM_PROT_ALL, |all, one| all & one);
        let all = marks.iter().map(|(_, mark)| mark.most);
        let maximum = all.fold(VM_PROT_ALL, |all, one| all & one);
        let (current, maximum) = match self.protections {
            Some((asked, most)) if asked & !current != 0 || most & !maximum != 0 => {
                return Err(KERN_PROTECTION_FAILURE);
            }
            Some(asked) => asked,
            None => (current, maximum),
        };
        let (current, maximum) = match self.flags & VM_FLAGS_RESILIENT_CODESIGN {
            0 => (current, maximum),
            _ => (VM_PROT_READ, VM_PROT_READ),
        };
        let (at, maximum) = if self.copy {
            mapped(source.clone(), VM_PROT_READ)?;
            let copy = copied(&source)?;
            // SAFETY: the caller's promise.
            let at = unsafe { self.put(&source, current, Backing::Copy(&copy, 0)) }?;
            kernel.memory.replaced(&(at..at + source.len()));
            (at, maximum)
        } else {
            // SAFETY: the caller's promise.
            let entry = unsafe { share(&mut kernel.memory, source.clone(), VM_PROT_NONE) }?;
            let backing = Backing::Shared(&entry.fd, entry.offset);
            // SAFETY: the caller's promise.
            let at = unsafe { self.put(&source, current, backing) }?;
            let made = at..at + source.len();
            kernel.memory.add_shared(made, &entry.fd, entry.writable);
            let refused = if entry.writable { 0 } else { VM_PROT_WRITE };
            (at, maximum & !refused)
        };
        for (part, mark) in marks {
            let part = at + (part.start - source.start)..at + (part.end - source.start);
            let mark = Mark {
                most: mark.most & maximum,
                purgeable: None,
                ..mark
            };
            kernel.memory.marks.set(part, mark);
        }
        let beyond = match self.flags & VM_FLAGS_RETURN_DATA_ADDR {
            0 => 0,
            _ => self.source - source.start as u64,
        };
        Ok((at as u64 + beyond, current, maximum))
    }

    fn check(&self) -> Result<()> {
        if self.flags & !VM_FLAGS_USER_REMAP != 0 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        if let Some((current, maximum)) = self.protections {
            if (current | maximum) & !VM_PROT_ALL != 0 || current & !maximum != 0 {
                return Err(KERN_INVALID_ARGUMENT);
            }
            if maximum & WRITTEN_AND_RUN == WRITTEN_AND_RUN {
                return Err(KERN_PROTECTION_FAILURE);
            }
        }
        match self.size == 0 || self.inheritance > VM_INHERIT_LAST_VALID {
            true => Err(KERN_INVALID_ARGUMENT),
            false => Ok(()),
        }
    }

    /// The pages that are mapped again. Without `VM_FLAGS_RETURN_DATA_ADDR` they are as many as `size` needs from the first
    /// one on, whatever address in it was named.
    fn source(&self) -> Result<Range<usize>> {
        match self.flags & VM_FLAGS_RETURN_DATA_ADDR {
            0 => pages(
                self.source / page_size() as u64 * page_size() as u64,
                self.size,
            ),
            _ => pages(self.source, self.size),
        }
    }

    /// # Safety
    /// As [`Asked::map`].
    unsafe fn put(
        &self,
        source: &Range<usize>,
        current: vm_prot_t,
        backing: Backing<'_>,
    ) -> Result<usize> {
        let place = place(self.address, source.len(), self.mask, self.flags)?;
        let protection = mapping::protection(current);
        // SAFETY: the caller's promise.
        let at = unsafe { mapping::map(place, source.len(), protection, backing) };
        let at = at.map_err(unmapped)?;
        if self.inheritance == VM_INHERIT_NONE {
            let range = at..at + source.len();
            mapping::give_children(range, false).map_err(|_| KERN_NOT_SUPPORTED)?;
        }
        Ok(at)
    }
}

/// Maps memory, and writes where it is and what it allows.
///
/// # Safety
/// As [`Asked::map`]; the out-parameters can be written.
unsafe fn remap(
    asked: &Asked,
    tasks: (vm_map_t, vm_map_t),
    address: *mut mach_vm_address_t,
    protections: (*mut vm_prot_t, *mut vm_prot_t),
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe {
        match asked.map(tasks.0, tasks.1) {
            Ok((at, current, maximum)) => {
                give(protections.0, Ok(current));
                give(protections.1, Ok(maximum));
                give(address, Ok(at))
            }
            Err(code) => code,
        }
    }
}

/// Maps memory of this task a second time: the same memory, or a copy.
///
/// Private memory that is to be the same becomes shared memory; no other thread may write to it during the call.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn mach_vm_remap(
    target_task: vm_task_entry_t,
    target_address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    mask: mach_vm_offset_t,
    flags: c_int,
    src_task: vm_task_entry_t,
    src_address: mach_vm_address_t,
    copy: boolean_t,
    cur_protection: *mut vm_prot_t,
    max_protection: *mut vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    let asked = Asked {
        // SAFETY: the caller's promise.
        address: unsafe { target_address.read() },
        size,
        mask,
        flags,
        source: src_address,
        copy: copy != 0,
        inheritance,
        protections: None,
    };
    let (tasks, out) = ((target_task, src_task), (cur_protection, max_protection));
    // SAFETY: the caller's promise.
    unsafe { remap(&asked, tasks, target_address, out) }
}

/// As [`mach_vm_remap`], with `VM_FLAGS_RETURN_DATA_ADDR`. The mapping allows what the two protections say, which the
/// memory has to: `KERN_PROTECTION_FAILURE` otherwise, and if it could be written and executed.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn mach_vm_remap_new(
    target_task: vm_map_t,
    target_address: *mut mach_vm_address_t,
    size: mach_vm_size_t,
    mask: mach_vm_offset_t,
    flags: c_int,
    src_task: vm_map_t,
    src_address: mach_vm_address_t,
    copy: boolean_t,
    cur_protection: *mut vm_prot_t,
    max_protection: *mut vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    let asked = Asked {
        // SAFETY: the caller's promise.
        address: unsafe { target_address.read() },
        size,
        mask,
        flags: flags | VM_FLAGS_RETURN_DATA_ADDR,
        source: src_address,
        copy: copy != 0,
        inheritance,
        // SAFETY: as above.
        protections: Some(unsafe { (cur_protection.read(), max_protection.read()) }),
    };
    let (tasks, out) = ((target_task, src_task), (cur_protection, max_protection));
    // SAFETY: the caller's promise.
    unsafe { remap(&asked, tasks, target_address, out) }
}

/// As [`mach_vm_remap_new`].
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn vm_remap_new(
    target_task: vm_map_t,
    target_address: *mut vm_address_t,
    size: vm_size_t,
    mask: vm_address_t,
    flags: c_int,
    src_task: vm_map_t,
    src_address: vm_address_t,
    copy: boolean_t,
    cur_protection: *mut vm_prot_t,
    max_protection: *mut vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        mach_vm_remap_new(
            target_task,
            target_address.cast(),
            size as u64,
            mask as u64,
            flags,
            src_task,
            src_address as u64,
            copy,
            cur_protection,
            max_protection,
            inheritance,
        )
    }
}

/// As [`mach_vm_remap`].
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn vm_remap(
    target_task: vm_map_t,
    target_address: *mut vm_address_t,
    size: vm_size_t,
    mask: vm_address_t,
    flags: c_int,
    src_task: vm_map_t,
    src_address: vm_address_t,
    copy: boolean_t,
    cur_protection: *mut vm_prot_t,
    max_protection: *mut vm_prot_t,
    inheritance: vm_inherit_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        mach_vm_remap(
            target_task,
            target_address.cast(),
            size as u64,
            mask as u64,
            flags,
            src_task,
            src_address as u64,
            copy,
            cur_protection,
            max_protection,
            inheritance,
        )
    }
}
