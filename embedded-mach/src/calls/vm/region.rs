//! Ranges of this task's memory, as the calls find them.

use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED,
    KERN_PROTECTION_FAILURE, KERN_RESOURCE_SHORTAGE,
};
use crate::headers::vm_prot::{VM_PROT_READ, vm_prot_t};
use crate::kernel::Result;
use crate::kernel::objects::memory_entry::MemoryEntry;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::mapping::{self, Backing, Place, SPACE};
use crate::sys::maps::{self, Region, up_to_a_hole};
use crate::sys::memory;

/// The whole pages that `size` bytes from `address` on touch.
pub(super) fn pages(address: u64, size: u64) -> Result<Range<usize>> {
    possible_pages(address, size)?.ok_or(KERN_INVALID_ARGUMENT)
}

/// As [`pages`]. `None` if the last page of the address space is one of them, where nothing can be mapped.
pub(super) fn possible_pages(address: u64, size: u64) -> Result<Option<Range<usize>>> {
    let end = address.checked_add(size).ok_or(KERN_INVALID_ARGUMENT)?;
    let page = memory::page_size();
    Ok(memory::round_page(end as usize).map(|end| address as usize / page * page..end))
}

/// As much of a range as memory can be mapped in.
pub(super) fn within_space(range: Range<usize>) -> Range<usize> {
    range.start.max(SPACE.start)..range.end.min(SPACE.end)
}

/// Whether all of some bytes can be used so. Where they cannot, fewer than two pages of them are called
/// `KERN_INVALID_ADDRESS`; of more, the first page that is missing or protected decides.
pub(super) fn usable(address: u64, size: u64, needed: vm_prot_t) -> Result<()> {
    let range = pages(address, size).map_err(|_| KERN_INVALID_ADDRESS)?;
    let found = up_to_a_hole(range.clone()).map_err(|_| KERN_FAILURE)?;
    let protected = found
        .iter()
        .any(|region| region.protection & needed != needed);
    if protected && size >= 2 * memory::page_size() as u64 {
        return Err(KERN_PROTECTION_FAILURE);
    }
    match protected || ends(&found) < range.end {
        true => Err(KERN_INVALID_ADDRESS),
        false => Ok(()),
    }
}

/// What is mapped in a range, whether or not there are holes.
pub(super) fn all_mapped(range: &Range<usize>) -> Result<Vec<Region>> {
    maps::within(range).map_err(|_| KERN_FAILURE)
}

fn ends(found: &[Region]) -> usize {
    found.last().map_or(0, |last| last.range.end)
}

/// What is mapped in a range: `KERN_INVALID_ADDRESS` if there is a hole, `KERN_PROTECTION_FAILURE` if some of it does
/// not allow what is `needed`.
pub(super) fn mapped(range: Range<usize>, needed: vm_prot_t) -> Result<Vec<Region>> {
    let found = up_to_a_hole(range.clone()).map_err(|_| KERN_FAILURE)?;
    if ends(&found) < range.end {
        return Err(KERN_INVALID_ADDRESS);
    }
    if found
        .iter()
        .any(|region| region.protection & needed != needed)
    {
        return Err(KERN_PROTECTION_FAILURE);
    }
    Ok(found)
}

/// A memory entry for pages that are mapped. Private pages become shared ones, at the same place and with the same
/// contents; all of a movable region as it is, others by copying.
///
/// # Safety
/// While the call lasts, no other thread writes to private pages of the range: it would write to the old ones.
pub(super) unsafe fn share(
    memory: &mut OwnMemory,
    range: Range<usize>,
    needed: vm_prot_t,
) -> Result<MemoryEntry> {
    let found = memory.as_known(mapped(range.clone(), needed)?);
    let first = found.first().ok_or(KERN_INVALID_ARGUMENT)?;
    if found.iter().all(|region| !region.shared) {
        if let Some(entry) = memory.share_whole(&range) {
            return Ok(entry);
        }
        // SAFETY: the caller's promise.
        return unsafe { convert(memory, range, &found) };
    }
    let continues = |pair: &[Region]| {
        let len = (pair[0].range.end - pair[0].range.start) as u64;
        pair[1].shared && pair[1].file == pair[0].file && pair[1].offset == pair[0].offset + len
    };
    let (fd, writable) = memory.descriptor(first.file).ok_or(KERN_NOT_SUPPORTED)?;
    if !first.shared || !found.windows(2).all(continues) {
        return Err(KERN_NOT_SUPPORTED);
    }
    let fd = Arc::clone(fd);
    let whole = MemoryEntry::whole(fd, range.len() as u64, writable);
    Ok(MemoryEntry {
        offset: first.offset,
        ..whole
    })
}

/// # Safety
/// As [`share`].
unsafe fn convert(
    memory: &mut OwnMemory,
    range: Range<usize>,
    found: &[Region],
) -> Result<MemoryEntry> {
    if found.iter().any(|region| region.vital) {
        // This very call writes to it.
        return Err(KERN_NOT_SUPPORTED);
    }
    if found
        .iter()
        .any(|region| region.protection & VM_PROT_READ == 0)
    {
        return Err(KERN_PROTECTION_FAILURE);
    }
    let fd = copied(&range)?;
    for region in found {
        let (at, len) = (region.range.start, region.range.len());
        let backing = Backing::Shared(&fd, (at - range.start) as u64);
        let protection = mapping::protection(region.protection);
        // SAFETY: the new pages show what the old ones did, which nobody changes meanwhile.
        unsafe { mapping::map(Place::Over(at), len, protection, backing) }
            .map_err(super::unmapped)?;
    }
    let fd = Arc::new(fd);
    memory.add_shared(range.clone(), &fd, true);
    Ok(MemoryEntry::whole(fd, range.len() as u64, true))
}

/// New shareable memory with the contents of mapped pages.
pub(super) fn copied(range: &Range<usize>) -> Result<OwnedFd> {
    memory::shareable_copy_of_user(range.start, range.len()).map_err(|errno| match errno {
        nix::errno::Errno::EFAULT => KERN_INVALID_ADDRESS,
        _ => KERN_RESOURCE_SHORTAGE,
    })
}
