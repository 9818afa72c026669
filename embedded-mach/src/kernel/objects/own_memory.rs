//! Memory that this task has mapped by its own calls: what is said of it, and the files of which the library knows.
//!
//! Large fresh memory is *movable*: a shared mapping of a file that nobody else has, so that all of it can be given away
//! with a message by sealing the file. To the program it is private memory. It becomes so in fact, by copying on write,
//! when the process forks: a child has a copy of its own, and the parent's part leaves by copying from then on.

use core::ffi::c_int;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use nix::errno::Errno;

use super::marks::{Mark, Marks};
use super::memory_entry::{MemoryEntry, SharedRanges};
use super::movable::{Movable, MovableFile, MovableRegions};
use crate::headers::vm_prot::{VM_PROT_DEFAULT, VM_PROT_EXECUTE, vm_prot_t};
use crate::headers::vm_statistics::{VM_FLAGS_ALIAS_MASK, VM_FLAGS_PURGABLE};
use crate::sys::look::Look;
use crate::sys::mapping::{self, Ascent, Backing, Place};
use crate::sys::maps::Region;
use crate::sys::memory::{self, FileId};
use crate::sys::{movable, usage};

/// How large fresh memory is movable: less costs less to copy, more fits into no message.
const MOVABLE: std::ops::RangeInclusive<usize> = 64 << 10..=4 << 30;
/// From where on huge pages are asked for, and up to where: larger memory is more likely to be used in few places only.
const HUGE: std::ops::RangeInclusive<usize> = 2 << 20..=256 << 20;
/// Movable regions take one in so many of the descriptors that this process may have.
const SHARE_OF_DESCRIPTORS: usize = 8;
/// How much more movable memory there may be than at the last look before what is unmapped is looked for.
const FIRST_SWEEP: Size = Size {
    regions: 16,
    bytes: 64 << 20,
};

#[derive(Clone, Copy, Debug)]
struct Size {
    regions: usize,
    bytes: usize,
}

#[derive(Debug)]
pub(crate) struct OwnMemory {
    pub(crate) marks: Marks,
    ascent: Ascent,
    shared: SharedRanges,
    movable: MovableRegions,
    /// There is one from the first movable region on.
    look: Option<Look>,
    sweep_at: Size,
}

impl Default for OwnMemory {
    fn default() -> Self {
        Self {
            marks: Marks::default(),
            ascent: Ascent::default(),
            shared: SharedRanges::default(),
            movable: MovableRegions::default(),
            look: None,
            sweep_at: FIRST_SWEEP,
        }
    }
}

impl OwnMemory {
    /// Maps `len` bytes of zeros, which are whole pages; their address.
    ///
    /// # Safety
    /// As [`mapping::map`].
    pub(crate) unsafe fn fresh(
        &mut self,
        place: Place,
        len: usize,
        protection: vm_prot_t,
    ) -> Result<usize, Errno> {
        let can_move = MOVABLE.contains(&len) && protection & VM_PROT_EXECUTE == 0;
        let file = if can_move { self.new_file(len) } else { None };
        let backing = file
            .as_ref()
            .map_or(Backing::Fresh, |file| Backing::Shared(&file.fd, 0));
        let pages = mapping::protection(protection);
        let at = match place {
            // Large memory is where Linux likes it, for huge pages.
            Place::Anywhere { mask } if mask < memory::page_size() && len < *MOVABLE.start() => {
                self.ascent.map(len, pages, backing)?
            }
            // SAFETY: the caller's promise.
            _ => unsafe { mapping::map(place, len, pages, backing) }?,
        };
        let range = at..at + len;
        self.replaced(&range);
        if let Some(file) = file {
            if HUGE.contains(&len) {
                mapping::ask_for_huge_pages(range.clone());
            }
            self.movable.add(Movable {
                range,
                file: Arc::new(file),
                offset: 0,
                inherited: true,
            });
        }
        Ok(at)
    }

    /// A file for a movable region, if there is room for one.
    fn new_file(&mut self, size: usize) -> Option<MovableFile> {
        if self.look.is_none() {
            self.look = Look::new().ok();
        }
        let look = self.look.as_ref()?;
        if self.movable.len() >= self.sweep_at.regions
            || self.movable.bytes().saturating_add(size) >= self.sweep_at.bytes
        {
            self.movable.keep_mapped(&look.all().ok()?);
            self.sweep_at = Size {
                regions: 2 * self.movable.len() + FIRST_SWEEP.regions,
                bytes: 2 * (self.movable.bytes() + size) + FIRST_SWEEP.bytes,
            };
        }
        if self.movable.len() >= usage::descriptor_limit() / SHARE_OF_DESCRIPTORS {
            return None;
        }
        let fd = movable::file(size).ok()?;
        let id = FileId::of(&fd).ok()?;
        Some(MovableFile { fd, id, size })
    }

    /// Takes memory from the task that is all of a movable region: its file, sealed, of which the first `len` bytes count.
    /// `None` if it is none, or cannot be had without a copy. The memory is still there then.
    ///
    /// # Safety
    /// The caller gives the memory up.
    pub(crate) unsafe fn give_away(&mut self, address: usize, len: usize) -> Option<OwnedFd> {
        let size = memory::round_page(len)?;
        let range = address..address.checked_add(size)?;
        let id = self.movable.whole(&range)?.file.id;
        // The program may have mapped something else there, without asking this library.
        if !self.look.as_ref()?.shows(&range, id, 0) {
            return None;
        }
        let region = self.movable.remove(&range).pop()?;
        let inherited = region.inherited;
        let file = Arc::try_unwrap(region.file).ok()?;
        // SAFETY: the caller's promise.
        unsafe { memory::unmap(address, size) }.ok()?;
        if movable::seal(&file.fd, size, len).is_ok() {
            self.marks.remove(&(address..address + size));
            return Some(file.fd);
        }
        // Somebody has it mapped, or the kernel has its pages in use. It goes back to where it was, to be copied.
        let (place, backing) = (Place::Free(address), Backing::Shared(&file.fd, 0));
        let protection = mapping::protection(VM_PROT_DEFAULT);
        // SAFETY: nothing is replaced.
        unsafe { mapping::map(place, size, protection, backing) }.ok()?;
        self.movable.add(Movable {
            range,
            file: Arc::new(file),
            offset: 0,
            inherited,
        });
        None
    }

    /// A sealed memfd with a copy of memory. Of what was never written to nothing is copied, if the memory is movable.
    pub(crate) fn sealed_copy(&self, address: usize, len: usize) -> Result<OwnedFd, Errno> {
        let range = address..address.checked_add(len).ok_or(Errno::EFAULT)?;
        if let (Some(look), Some(part)) = (&self.look, self.movable.part(&range))
            && look.shows(&range, part.file.id, part.offset)
        {
            return movable::sealed_copy(&part.file.fd, part.offset, address, len);
        }
        memory::sealed_copy_of_user(address, len)
    }

    /// A range is no longer mapped, or shows something else.
    pub(crate) fn replaced(&mut self, range: &Range<usize>) {
        self.marks.remove(range);
        self.shared.remove(range);
        for part in self.movable.remove(range) {
            // Without this the part's memory would stay as long as the rest of the region.
            if Arc::strong_count(&part.file) > 1 {
                let _ = movable::free(&part.file.fd, part.offset, part.range.len());
            }
        }
    }

    /// A range shows a file, shared, in the place of whatever was there.
    pub(crate) fn add_shared(&mut self, range: Range<usize>, fd: &Arc<OwnedFd>, writable: bool) {
        self.replaced(&range);
        self.shared.add(range, fd, writable);
    }

    /// A range is newly mapped: says of it what the flags of the call say, and the most that it may ever allow.
    pub(crate) fn mark(&mut self, range: Range<usize>, flags: c_int, most: vm_prot_t) {
        let [.., tag] = (flags & VM_FLAGS_ALIAS_MASK).to_le_bytes();
        let purgeable = flags & VM_FLAGS_PURGABLE != 0;
        let mark = Mark {
            tag,
            most,
            purgeable: purgeable.then(|| self.marks.new_purgeable()),
            ..Mark::default()
        };
        self.marks.set(range, mark);
    }

    /// Whether a file is this library's own memory.
    pub(crate) fn is_own(&self, region: &Region) -> bool {
        let movable = self.movable.showing(region.file, region.range.start);
        movable.is_some() || self.shared.descriptor(region.file).is_some()
    }

    /// A descriptor of a file that is mapped to be shared, and whether it is for writing.
    pub(crate) fn descriptor(&self, file: FileId) -> Option<(&Arc<OwnedFd>, bool)> {
        self.shared.descriptor(file)
    }

    /// Makes memory shared that is all of a movable region, as it is.
    pub(crate) fn share_whole(&mut self, range: &Range<usize>) -> Option<MemoryEntry> {
        let id = self.movable.whole(range)?.file.id;
        if !self.look.as_ref()?.shows(range, id, 0) {
            return None;
        }
        let region = self.movable.remove(range).pop()?;
        let file = Arc::try_unwrap(region.file).ok()?;
        if movable::seal_size(&file.fd).is_err() {
            return None;
        }
        let fd = Arc::new(file.fd);
        self.shared.add(range.clone(), &fd, true);
        Some(MemoryEntry::whole(fd, range.len() as u64, true))
    }

    /// Regions as the program knows them: what is movable is private.
    pub(crate) fn as_known(&self, mut found: Vec<Region>) -> Vec<Region> {
        for region in &mut found {
            let movable = self.movable.showing(region.file, region.range.start);
            region.shared &= movable.is_none();
        }
        found
    }

    /// Says whether forked children have a copy of a range's movable memory.
    pub(crate) fn give_children(&mut self, range: &Range<usize>, given: bool) {
        self.movable.give_children(range, given);
    }

    /// Makes movable memory private in fact: what parent and child write after the fork is not the other's. Nothing is
    /// copied before one of them writes. No thread is in the kernel.
    pub(crate) fn before_fork(&mut self) {
        if self.movable.len() == 0 {
            return;
        }
        let Some(all) = self.look.as_ref().and_then(|look| look.all().ok()) else {
            // Rather no memory in the child than its parent's.
            for region in self.movable.iter() {
                let _ = mapping::give_children(region.range.clone(), false);
            }
            return;
        };
        for region in all.into_iter().filter(|region| region.shared) {
            let Some(known) = self.movable.showing(region.file, region.range.start) else {
                continue;
            };
            if !known.inherited {
                continue;
            }
            let protection = mapping::protection(region.protection);
            let fd = &known.file.fd;
            // SAFETY: the region is mapped so.
            let made = unsafe {
                mapping::make_private(region.range.clone(), protection, fd, region.offset)
            };
            match made {
                Ok(()) => drop(self.movable.remove(&region.range)),
                Err(_) => drop(mapping::give_children(region.range, false)),
            }
        }
    }
}
