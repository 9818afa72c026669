//! `vm_behavior_set` and `vm_msync`: how memory will be used, and writing it back.

use std::ops::Range;

use super::super::{code, kernel_of};
use super::region::{all_mapped, mapped, possible_pages, within_space};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_MEMORY_ERROR, KERN_NO_ACCESS,
    KERN_NO_SPACE, KERN_PROTECTION_FAILURE, kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_behavior::*;
use crate::headers::vm_prot::{
    VM_PROT_ALL, VM_PROT_DEFAULT, VM_PROT_EXECUTE, VM_PROT_NONE, VM_PROT_READ, VM_PROT_WRITE,
};
use crate::headers::vm_statistics::{
    VM_MEMORY_MALLOC, VM_MEMORY_MALLOC_LARGE, VM_MEMORY_MALLOC_LARGE_REUSABLE,
    VM_MEMORY_MALLOC_LARGE_REUSED, VM_MEMORY_MALLOC_SMALL, VM_MEMORY_MALLOC_TINY,
    VM_MEMORY_REALLOC,
};
use crate::headers::vm_sync::{
    VM_SYNC_ASYNCHRONOUS, VM_SYNC_CONTIGUOUS, VM_SYNC_DEACTIVATE, VM_SYNC_INVALIDATE,
    VM_SYNC_KILLPAGES, VM_SYNC_SYNCHRONOUS, vm_sync_t,
};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_size_t,
};
use crate::kernel::Result;
use crate::kernel::objects::marks::Mark;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::advice::{self, Advice};
use crate::sys::mapping::SPACE;
use crate::sys::maps::Region;

/// What `malloc` calls its memory. Only what it left as it was can be used again by others.
const OF_MALLOC: [u32; 7] = [
    VM_MEMORY_MALLOC,
    VM_MEMORY_MALLOC_SMALL,
    VM_MEMORY_MALLOC_LARGE,
    VM_MEMORY_REALLOC,
    VM_MEMORY_MALLOC_TINY,
    VM_MEMORY_MALLOC_LARGE_REUSABLE,
    VM_MEMORY_MALLOC_LARGE_REUSED,
];

/// Says how a range will be used. The first behaviors are kept, to be told by `vm_region`; the others have their effect at
/// once, as far as Linux has one like it.
pub unsafe extern "C" fn mach_vm_behavior_set(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    new_behavior: vm_behavior_t,
) -> kern_return_t {
    code(kernel_of(target_task).and_then(|mut kernel| {
        if !(VM_BEHAVIOR_DEFAULT..=VM_BEHAVIOR_LAST_VALID).contains(&new_behavior) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        if size == 0 {
            return Ok(());
        }
        let range = possible_pages(address, size)?.ok_or(KERN_NO_SPACE)?;
        if range.start < SPACE.start || range.end > SPACE.end {
            return Err(KERN_NO_SPACE);
        }
        // SAFETY: the caller's promise: it does not need what the behavior gives up.
        unsafe { behave(&mut kernel.memory, range, new_behavior) }
    }))
}

/// # Safety
/// Nobody needs what the behavior gives up.
unsafe fn behave(
    memory: &mut OwnMemory,
    range: Range<usize>,
    behavior: vm_behavior_t,
) -> Result<()> {
    if behavior == VM_BEHAVIOR_PAGEOUT {
        return Err(KERN_INVALID_ARGUMENT);
    }
    let found = mapped(range.clone(), VM_PROT_NONE)?;
    let all_allow = |bits| found.iter().all(|region| region.protection & bits == bits);
    match behavior {
        VM_BEHAVIOR_ZERO_WIRED_PAGES if !all_allow(VM_PROT_WRITE) => Err(KERN_PROTECTION_FAILURE),
        VM_BEHAVIOR_ZERO_WIRED_PAGES => Ok(()),
        VM_BEHAVIOR_WILLNEED if found.iter().any(unreadable) => Err(KERN_PROTECTION_FAILURE),
        VM_BEHAVIOR_WILLNEED => say(&range, Advice::Needed),
        VM_BEHAVIOR_DONTNEED => say(&range, Advice::Cold),
        // SAFETY: the caller's promise.
        VM_BEHAVIOR_FREE => unsafe { give_up(memory, &found) },
        VM_BEHAVIOR_REUSABLE | VM_BEHAVIOR_REUSE | VM_BEHAVIOR_CAN_REUSE => {
            for region in &found {
                let marks = memory.marks.within(region.range.clone());
                if !marks.iter().all(|(_, mark)| can_reuse(region, mark)) {
                    return Err(KERN_INVALID_ADDRESS);
                }
            }
            if behavior == VM_BEHAVIOR_REUSABLE {
                if !all_allow(VM_PROT_WRITE) {
                    return Err(KERN_PROTECTION_FAILURE);
                }
                // SAFETY: the caller's promise.
                unsafe { give_up(memory, &found) }?;
            }
            memory.marks.change(range, |mark| retag(mark, behavior));
            Ok(())
        }
        // SAFETY: the caller's promise.
        VM_BEHAVIOR_ZERO => unsafe { zero(memory, &found) },
        _ => {
            memory
                .marks
                .change(range.clone(), |mark| mark.behavior = behavior);
            say(
                &range,
                match behavior {
                    VM_BEHAVIOR_RANDOM => Advice::Random,
                    VM_BEHAVIOR_SEQUENTIAL => Advice::Sequential,
                    _ => Advice::Normal,
                },
            )
        }
    }
}

fn unreadable(region: &Region) -> bool {
    region.protection & (VM_PROT_READ | VM_PROT_WRITE) == 0
}

/// Linux may have nothing that the advice is good for: then there is nothing to do.
fn say(range: &Range<usize>, advice: Advice) -> Result<()> {
    match advice::say(range, advice) {
        Err(nix::errno::Errno::ENOMEM) => Err(KERN_INVALID_ADDRESS),
        _ => Ok(()),
    }
}

fn can_reuse(region: &Region, mark: &Mark) -> bool {
    !OF_MALLOC.contains(&mark.tag.into())
        || region.protection == VM_PROT_DEFAULT
            && mark.most == VM_PROT_ALL
            && mark.purgeable.is_none()
}

fn retag(mark: &mut Mark, behavior: vm_behavior_t) {
    let large = [VM_MEMORY_MALLOC_LARGE, VM_MEMORY_MALLOC_LARGE_REUSED];
    match behavior {
        VM_BEHAVIOR_REUSABLE if large.contains(&mark.tag.into()) => {
            mark.tag = VM_MEMORY_MALLOC_LARGE_REUSABLE as u8;
        }
        VM_BEHAVIOR_REUSE if u32::from(mark.tag) == VM_MEMORY_MALLOC_LARGE_REUSABLE => {
            mark.tag = VM_MEMORY_MALLOC_LARGE_REUSED as u8;
        }
        _ => {}
    }
}

/// Private memory may be zeros from now on; other memory stays as it is.
///
/// # Safety
/// Nobody needs what it shows.
unsafe fn give_up(memory: &OwnMemory, found: &[Region]) -> Result<()> {
    let private =
        |region: &&Region| !region.shared && region.file.inode == 0 && !memory.is_own(region);
    for region in found.iter().filter(private) {
        // SAFETY: the caller's promise. Where it is refused nothing changes.
        let _ = unsafe { advice::give_up(&region.range) };
    }
    Ok(())
}

/// Makes memory zeros, in ascending order as far as it can be: memory of this library's own and private memory without a
/// file.
///
/// # Safety
/// Nobody needs what it shows.
pub(super) unsafe fn zero(memory: &OwnMemory, found: &[Region]) -> Result<()> {
    for region in found {
        if region.protection & (VM_PROT_WRITE | VM_PROT_EXECUTE) != VM_PROT_WRITE {
            return Err(KERN_PROTECTION_FAILURE);
        }
        let possible = match region.shared {
            true => memory.is_own(region),
            false => region.file.inode == 0,
        };
        if !possible {
            return Err(KERN_NO_ACCESS);
        }
        // SAFETY: the caller's promise.
        unsafe { advice::zero(&region.range, region.shared) }.map_err(|_| KERN_NO_ACCESS)?;
    }
    Ok(())
}

/// Has what was written to mapped files written back, with `VM_SYNC_SYNCHRONOUS` before the call returns; or says that pages
/// are not needed soon (`VM_SYNC_DEACTIVATE`), or not at all (`VM_SYNC_KILLPAGES`). Holes count with
/// `VM_SYNC_CONTIGUOUS` only.
pub unsafe extern "C" fn mach_vm_msync(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    sync_flags: vm_sync_t,
) -> kern_return_t {
    const BOTH: vm_sync_t = VM_SYNC_ASYNCHRONOUS | VM_SYNC_SYNCHRONOUS;
    code(kernel_of(target_task).and_then(|kernel| {
        if size == 0 {
            return Ok(());
        }
        if sync_flags & BOTH == BOTH {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let range = possible_pages(address, size).ok().flatten();
        let range = range.ok_or(KERN_INVALID_ADDRESS)?;
        let kills = sync_flags & VM_SYNC_KILLPAGES != 0;
        let mut found = all_mapped(&within_space(range.clone()))?;
        let until_a_hole = |found: &[Region]| {
            let mut next = range.start;
            let joined = found.iter().take_while(|region| {
                let joins = region.range.start == next;
                next = region.range.end;
                joins
            });
            joined.count()
        };
        let joined = until_a_hole(&found);
        let end = found[..joined]
            .last()
            .map_or(range.start, |last| last.range.end);
        let hole = end < range.end;
        if kills {
            found.truncate(joined);
        }
        // SAFETY: the caller's promise.
        unsafe { synchronize(&kernel.memory, &found, sync_flags) }?;
        match hole && sync_flags & VM_SYNC_CONTIGUOUS != 0 {
            true => Err(KERN_INVALID_ADDRESS),
            false => Ok(()),
        }
    }))
}

/// # Safety
/// Nobody needs what the flags give up.
unsafe fn synchronize(memory: &OwnMemory, found: &[Region], flags: vm_sync_t) -> Result<()> {
    if flags & VM_SYNC_KILLPAGES != 0 {
        // SAFETY: the caller's promise.
        return unsafe { give_up(memory, found) };
    }
    for region in found {
        if flags & VM_SYNC_DEACTIVATE != 0 {
            say(&region.range, Advice::Cold)?;
        } else if flags & (VM_SYNC_ASYNCHRONOUS | VM_SYNC_SYNCHRONOUS) != 0 && region.shared {
            let (wait, invalidate) = (
                flags & VM_SYNC_SYNCHRONOUS != 0,
                flags & VM_SYNC_INVALIDATE != 0,
            );
            advice::write_back(&region.range, wait, invalidate).map_err(|errno| match errno {
                nix::errno::Errno::EIO => KERN_MEMORY_ERROR,
                _ => KERN_FAILURE,
            })?;
        }
    }
    Ok(())
}

/// As [`mach_vm_behavior_set`].
pub unsafe extern "C" fn vm_behavior_set(
    target_task: vm_map_t,
    address: vm_address_t,
    size: vm_size_t,
    new_behavior: vm_behavior_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_behavior_set(target_task, address as u64, size as u64, new_behavior) }
}

/// As [`mach_vm_msync`].
pub unsafe extern "C" fn vm_msync(
    target_task: vm_map_t,
    address: vm_address_t,
    size: vm_size_t,
    sync_flags: vm_sync_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_msync(target_task, address as u64, size as u64, sync_flags) }
}
