//! Pages of this process: mapping them where and how a caller asks.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::sys::mman::{
    MRemapFlags, MapFlags, MmapAdvise, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, mremap,
    munmap,
};

use super::maps;
use super::memory::page_size;
use crate::headers::vm_prot::{VM_PROT_EXECUTE, VM_PROT_READ, VM_PROT_WRITE, vm_prot_t};

/// Below this the system maps nothing for ordinary programs, so that a null pointer stays one.
const LOWEST: usize = 64 << 10;
/// Where memory can be mapped. The last page of what the processor can address stays free.
pub(crate) const SPACE: Range<usize> = LOWEST..(1 << ADDRESS_BITS) - (4 << 10);
const ADDRESS_BITS: u32 = if cfg!(target_arch = "x86_64") { 47 } else { 48 };

/// Where pages are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Wherever there is room; no bit of `mask` is set in the address.
    Anywhere { mask: usize },
    /// The first room from an address on; no bit of `mask` is set in the address.
    Upwards { from: usize, mask: usize },
    /// At this address, if nothing is there.
    Free(usize),
    /// At this address, in the place of what is there.
    Over(usize),
}

/// What pages show.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Backing<'a> {
    /// Nothing yet: zeros.
    Fresh,
    /// A file's bytes from an offset on, shared with all who map it.
    Shared(&'a OwnedFd, u64),
    /// A copy of a file's bytes.
    Copy(&'a OwnedFd, u64),
}

/// A Mach protection as Linux knows it.
pub(crate) fn protection(protection: vm_prot_t) -> ProtFlags {
    [
        (VM_PROT_READ, ProtFlags::PROT_READ),
        (VM_PROT_WRITE, ProtFlags::PROT_WRITE),
        (VM_PROT_EXECUTE, ProtFlags::PROT_EXEC),
    ]
    .into_iter()
    .filter(|(bit, _)| protection & bit != 0)
    .fold(ProtFlags::PROT_NONE, |all, (_, flag)| all | flag)
}

/// Maps `len` bytes, which are whole pages; their address.
///
/// `EEXIST` if something is at the place, `EINVAL` if the place is no page's start.
///
/// # Safety
/// With [`Place::Over`], nothing uses what was there in a way that the new pages break.
pub(crate) unsafe fn map(
    place: Place,
    len: usize,
    protection: ProtFlags,
    backing: Backing<'_>,
) -> Result<usize, Errno> {
    let len = NonZeroUsize::new(len).ok_or(Errno::EINVAL)?;
    match place {
        // SAFETY: the kernel chooses a free place.
        Place::Anywhere { mask } if mask < page_size() => unsafe {
            map_with(0, len, protection, backing, MapFlags::empty())
        },
        Place::Anywhere { mask } => {
            let room = Room::reserve(len.get(), mask)?;
            // SAFETY: the place was reserved for this.
            let made =
                unsafe { map_with(room.aligned, len, protection, backing, MapFlags::MAP_FIXED) }?;
            room.keep(len.get());
            Ok(made)
        }
        Place::Upwards { from, mask } => map_upwards(from, mask, len, protection, backing),
        // SAFETY: nothing is replaced.
        Place::Free(at) => unsafe {
            map_with(at, len, protection, backing, MapFlags::MAP_FIXED_NOREPLACE)
        },
        // SAFETY: the caller's promise.
        Place::Over(at) => unsafe { map_with(at, len, protection, backing, MapFlags::MAP_FIXED) },
    }
}

/// Places that go up, each from the end of the last one on, as long as there is room.
///
/// Linux puts mappings below each other, and macOS above. What the program maps by Linux's calls takes the same room from its
/// upper end down.
#[derive(Debug, Default)]
pub(crate) struct Ascent {
    next: Option<usize>,
}

impl Ascent {
    /// How much room is looked for at least.
    const ROOM: usize = 1 << 30;

    /// As [`map`], wherever there is room.
    pub(crate) fn map(
        &mut self,
        len: usize,
        protection: ProtFlags,
        backing: Backing<'_>,
    ) -> Result<usize, Errno> {
        let at_next = |at: usize| {
            // SAFETY: nothing is replaced.
            unsafe { map(Place::Free(at), len, protection, backing) }.ok()
        };
        let made = match self.next.and_then(at_next) {
            Some(made) => made,
            None => Self::map_below_room(len, protection, backing)?,
        };
        self.next = made.checked_add(len);
        Ok(made)
    }

    fn map_below_room(
        len: usize,
        protection: ProtFlags,
        backing: Backing<'_>,
    ) -> Result<usize, Errno> {
        let all = len.checked_add(Self::ROOM).ok_or(Errno::ENOMEM)?;
        let Ok(room) = Room::reserve(all, 0) else {
            let anywhere = Place::Anywhere { mask: 0 };
            // SAFETY: the kernel chooses a free place.
            return unsafe { map(anywhere, len, protection, backing) };
        };
        // SAFETY: the place was reserved for this.
        let made = unsafe { map(Place::Over(room.aligned), len, protection, backing) }?;
        room.keep(len);
        Ok(made)
    }
}

/// `ENOMEM` if there is no room up to the end of the address space.
fn map_upwards(
    from: usize,
    mask: usize,
    len: NonZeroUsize,
    protection: ProtFlags,
    backing: Backing<'_>,
) -> Result<usize, Errno> {
    let boundary = boundary(mask)?.max(page_size());
    let mut at = from.max(LOWEST).checked_next_multiple_of(boundary);
    loop {
        let start = at.ok_or(Errno::ENOMEM)?;
        let end = start.checked_add(len.get()).ok_or(Errno::ENOMEM)?;
        let flags = MapFlags::MAP_FIXED_NOREPLACE;
        // SAFETY: nothing is replaced.
        match unsafe { map_with(start, len, protection, backing, flags) } {
            Err(Errno::EEXIST) => {}
            made => return made,
        }
        // Another thread may take or leave the room at any time: the answer only says from where on to try again.
        let all = maps::now().map_err(|_| Errno::ENOMEM)?;
        let mut range = start..end;
        for region in all {
            if region.range.start < range.end && range.start < region.range.end {
                let next = region.range.end.checked_next_multiple_of(boundary);
                let next = next.ok_or(Errno::ENOMEM)?;
                range = next..next.checked_add(len.get()).ok_or(Errno::ENOMEM)?;
            }
        }
        at = Some(range.start);
    }
}

/// # Safety
/// What `flags` replace may be replaced.
unsafe fn map_with(
    at: usize,
    len: NonZeroUsize,
    protection: ProtFlags,
    backing: Backing<'_>,
    flags: MapFlags,
) -> Result<usize, Errno> {
    if at == 0 && flags.intersects(MapFlags::MAP_FIXED | MapFlags::MAP_FIXED_NOREPLACE) {
        return Err(Errno::EINVAL);
    }
    let at = NonZeroUsize::new(at);
    let (fd, offset, kind) = match backing {
        Backing::Fresh => {
            let flags = flags | MapFlags::MAP_PRIVATE;
            // SAFETY: the caller's promise.
            return unsafe { mmap_anonymous(at, len, protection, flags) }.map(address);
        }
        Backing::Shared(fd, offset) => (fd, offset, MapFlags::MAP_SHARED),
        Backing::Copy(fd, offset) => (fd, offset, MapFlags::MAP_PRIVATE),
    };
    let offset = i64::try_from(offset).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the caller's promise.
    unsafe { mmap(at, len, protection, flags | kind, fd, offset) }.map(address)
}

fn address(at: NonNull<core::ffi::c_void>) -> usize {
    at.as_ptr() as usize
}

/// Sets what mapped pages allow.
///
/// # Safety
/// The program can do without what is taken away.
pub(crate) unsafe fn protect(range: Range<usize>, protection: ProtFlags) -> Result<(), Errno> {
    let at = NonNull::new(range.start as *mut _).ok_or(Errno::EINVAL)?;
    // SAFETY: the caller's promise.
    unsafe { mprotect(at, range.len(), protection) }
}

/// Has mapped pages exist in forked children, or not.
pub(crate) fn give_children(range: Range<usize>, given: bool) -> Result<(), Errno> {
    let at = NonNull::new(range.start as *mut _).ok_or(Errno::EINVAL)?;
    let advice = match given {
        true => MmapAdvise::MADV_DOFORK,
        false => MmapAdvise::MADV_DONTFORK,
    };
    // SAFETY: nothing changes in this process.
    unsafe { madvise(at, range.len(), advice) }
}

/// Asks for huge pages, where the system gives them to who asks. `range` may be anything.
pub(crate) fn ask_for_huge_pages(range: Range<usize>) {
    if let Some(at) = NonNull::new(range.start as *mut _) {
        // SAFETY: nothing changes but how the memory is found. Without them it is as it would be.
        let _ = unsafe { madvise(at, range.len(), MmapAdvise::MADV_HUGEPAGE) };
    }
}

/// Has pages that show a file from `offset` on, shared, show a copy of it from now on. Whatever other threads write
/// meanwhile is in the file or in the copy, and in both cases still there.
///
/// # Safety
/// The range is mapped so.
pub(crate) unsafe fn make_private(
    range: Range<usize>,
    protection: ProtFlags,
    fd: &OwnedFd,
    offset: u64,
) -> Result<(), Errno> {
    let anywhere = Place::Anywhere { mask: 0 };
    let backing = Backing::Copy(fd, offset);
    // Elsewhere first: where there is no room for it, the old mapping is still there.
    // SAFETY: the place is the kernel's choice.
    let made = unsafe { map(anywhere, range.len(), protection, backing) }?;
    let (Some(from), Some(to)) = (
        NonNull::new(made as *mut _),
        NonNull::new(range.start as *mut _),
    ) else {
        return Err(Errno::EINVAL);
    };
    let flags = MRemapFlags::MREMAP_MAYMOVE | MRemapFlags::MREMAP_FIXED;
    // SAFETY: the new mapping, which nobody else knows, comes into the place of the old one and shows the same.
    let moved = unsafe { mremap(from, range.len(), range.len(), flags, Some(to)) };
    if moved.is_err() {
        release(made, range.len());
    }
    moved.map(drop)
}

fn boundary(mask: usize) -> Result<usize, Errno> {
    let size = mask.checked_add(1).ok_or(Errno::ENOMEM)?;
    match size.is_power_of_two() {
        true => Ok(size),
        false => Err(Errno::EINVAL),
    }
}

/// Address space that holds an aligned place.
struct Room {
    start: usize,
    len: usize,
    aligned: usize,
}

impl Room {
    fn reserve(len: usize, mask: usize) -> Result<Self, Errno> {
        let boundary = boundary(mask)?;
        let all = len.checked_add(boundary).ok_or(Errno::ENOMEM)?;
        let size = NonZeroUsize::new(all).ok_or(Errno::EINVAL)?;
        let (none, private) = (ProtFlags::PROT_NONE, MapFlags::MAP_PRIVATE);
        // SAFETY: the kernel chooses a free place.
        let start = unsafe { mmap_anonymous(None, size, none, private) }.map(address)?;
        Ok(Self {
            start,
            len: all,
            aligned: start.next_multiple_of(boundary),
        })
    }

    /// Gives back all but `len` bytes at the aligned place.
    fn keep(mut self, len: usize) {
        let (end, kept) = (self.start + self.len, self.aligned + len);
        release(self.start, self.aligned - self.start);
        release(kept, end - kept);
        self.len = 0;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        release(self.start, self.len);
    }
}

fn release(start: usize, len: usize) {
    if let (Some(at), true) = (NonNull::new(start as *mut _), len > 0) {
        // SAFETY: only called for reserved pages that nobody was given.
        let _ = unsafe { munmap(at, len) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory;
    use super::*;

    #[test]
    fn an_alignment_is_kept_and_nothing_is_replaced() {
        let page = page_size();
        let mask = 64 * page - 1;
        let place = Place::Anywhere { mask };
        // SAFETY: nothing is replaced, and only these pages are given back.
        unsafe {
            let at = map(place, page, ProtFlags::PROT_READ, Backing::Fresh).unwrap();
            assert_eq!(at & mask, 0);
            let again = map(Place::Free(at), page, ProtFlags::PROT_READ, Backing::Fresh);
            assert_eq!(again, Err(Errno::EEXIST));
            memory::unmap(at, page).unwrap();
        }
    }

    #[test]
    fn shared_pages_show_the_same_bytes_and_copies_do_not() {
        let fd = memory::shareable(1).unwrap();
        let place = Place::Anywhere { mask: 0 };
        let (len, rw) = (page_size(), ProtFlags::PROT_READ | ProtFlags::PROT_WRITE);
        // SAFETY: new mappings, each of a page, which nothing else uses.
        unsafe {
            let one = map(place, len, rw, Backing::Shared(&fd, 0)).unwrap();
            let two = map(place, len, rw, Backing::Shared(&fd, 0)).unwrap();
            (one as *mut u8).write_volatile(7);
            let copy = map(place, len, rw, Backing::Copy(&fd, 0)).unwrap();
            (copy as *mut u8).write_volatile(8);
            assert_eq!((two as *mut u8).read_volatile(), 7);
            for at in [one, two, copy] {
                memory::unmap(at, len).unwrap();
            }
        }
    }
}
