//! Memory entries: rights to memory that several tasks can map.

use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::headers::kern_return::KERN_INVALID_ARGUMENT;
use crate::kernel::Result;
use crate::sys::memory::{FileId, page_size, round_page};

/// Whole pages of a memfd.
#[derive(Clone, Debug)]
pub(crate) struct MemoryEntry {
    pub(crate) fd: Arc<OwnedFd>,
    /// Where the entry begins in the file, in bytes.
    pub(crate) offset: u64,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Where in the first page the data begins that the entry is meant for.
    pub(crate) data: u64,
    /// Made of the memory itself or of a copy of it, not of what the memory shows: it is mapped from its data on.
    pub(crate) copied: bool,
    pub(crate) writable: bool,
    /// It was made to vanish when nobody needs it (`MAP_MEM_PURGABLE`).
    pub(crate) purgeable: bool,
}

impl MemoryEntry {
    /// All of a file of `size` bytes.
    pub(crate) fn whole(fd: Arc<OwnedFd>, size: u64, writable: bool) -> Self {
        Self {
            fd,
            offset: 0,
            size,
            data: 0,
            copied: false,
            writable,
            purgeable: false,
        }
    }

    /// The pages with `size` bytes that begin at `start` in a file; `None` if no file is so large.
    pub(crate) fn of_bytes(
        fd: Arc<OwnedFd>,
        start: u64,
        size: u64,
        writable: bool,
    ) -> Option<Self> {
        let data = start % page_size() as u64;
        let end = round_page(usize::try_from(start.checked_add(size)?).ok()?)? as u64;
        Some(Self {
            offset: start - data,
            data,
            ..Self::whole(fd, end - (start - data), writable)
        })
    }

    /// A part of this entry: the pages with `size` bytes from `offset` on.
    pub(crate) fn part(&self, offset: u64, size: u64) -> Result<Self> {
        let pages = self.pages(offset, size)?;
        if offset
            .checked_add(pages.size)
            .is_none_or(|end| end > self.size)
        {
            return Err(KERN_INVALID_ARGUMENT);
        }
        Ok(Self { data: 0, ..pages })
    }

    /// A part of this entry that is meant for the `size` bytes at `offset` of its data.
    pub(crate) fn part_for_data(&self, offset: u64, size: u64) -> Result<Self> {
        let offset = offset.checked_add(self.data);
        self.pages(offset.ok_or(KERN_INVALID_ARGUMENT)?, size)
    }

    /// What is to be mapped of `size` bytes at `offset`: of its data, if that is asked for.
    pub(crate) fn to_map(&self, offset: u64, size: u64, of_data: bool) -> Result<Self> {
        if of_data || self.copied {
            return self.part_for_data(offset, size);
        }
        match offset % page_size() as u64 {
            0 => self.pages(offset, size),
            _ => Err(KERN_INVALID_ARGUMENT),
        }
    }

    fn pages(&self, start: u64, size: u64) -> Result<Self> {
        let fd = Arc::clone(&self.fd);
        let part = Self::of_bytes(fd, start, size, self.writable);
        let part = part.filter(|part| part.offset + part.size <= self.size);
        part.and_then(|part| {
            Some(Self {
                offset: self.offset.checked_add(part.offset)?,
                copied: self.copied,
                ..part
            })
        })
        .ok_or(KERN_INVALID_ARGUMENT)
    }

    /// Whether both are the same range of the same memory, with the same rights.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same_file = || match (FileId::of(&self.fd), FileId::of(&other.fd)) {
            (Ok(own), Ok(other)) => own == other,
            _ => false,
        };
        let extent = |entry: &Self| (entry.offset, entry.size, entry.data, entry.writable);
        extent(self) == extent(other) && same_file()
    }
}

/// The shared memory that this task has mapped by its own calls, with the descriptors that make entries of it again.
#[derive(Debug, Default)]
pub(crate) struct SharedRanges(Vec<SharedRange>);

#[derive(Debug)]
struct SharedRange {
    range: Range<usize>,
    fd: Arc<OwnedFd>,
    id: FileId,
    writable: bool,
}

impl SharedRanges {
    /// A range is mapped, in the place of whatever was there.
    pub(crate) fn add(&mut self, range: Range<usize>, fd: &Arc<OwnedFd>, writable: bool) {
        self.remove(&range);
        if let Ok(id) = FileId::of(fd) {
            self.0.push(SharedRange {
                range,
                fd: Arc::clone(fd),
                id,
                writable,
            });
        }
    }

    /// A range is no longer mapped.
    pub(crate) fn remove(&mut self, gone: &Range<usize>) {
        if !self.0.iter().any(|shared| overlap(&shared.range, gone)) {
            return;
        }
        for shared in std::mem::take(&mut self.0) {
            if !overlap(&shared.range, gone) {
                self.0.push(shared);
                continue;
            }
            let (before, after) = (shared.range.start..gone.start, gone.end..shared.range.end);
            for range in [before, after] {
                if !range.is_empty() {
                    self.0.push(SharedRange {
                        range,
                        fd: Arc::clone(&shared.fd),
                        ..shared
                    });
                }
            }
        }
    }

    /// A descriptor of a file that is mapped, and whether it is for writing.
    pub(crate) fn descriptor(&self, id: FileId) -> Option<(&Arc<OwnedFd>, bool)> {
        let known = self.0.iter().filter(|shared| shared.id == id);
        known
            .max_by_key(|shared| shared.writable)
            .map(|shared| (&shared.fd, shared.writable))
    }
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory;

    fn entry() -> MemoryEntry {
        let page = page_size() as u64;
        let fd = Arc::new(memory::shareable(5 * page).unwrap());
        MemoryEntry {
            offset: page,
            ..MemoryEntry::whole(fd, 4 * page, false)
        }
    }

    fn extent(part: Result<MemoryEntry>) -> Result<(u64, u64, u64)> {
        part.map(|part| (part.offset, part.size, part.data))
    }

    #[test]
    fn a_part_stays_within_the_whole() {
        let (entry, page) = (entry(), page_size() as u64);
        let refused = Err(KERN_INVALID_ARGUMENT);
        assert_eq!(extent(entry.part(page, 1)), Ok((2 * page, page, 0)));
        assert_eq!(extent(entry.part(page, 3 * page + 1)), refused);
        assert_eq!(extent(entry.part(3 * page + 1, 1)), refused);
        assert_eq!(extent(entry.part(u64::MAX, 2)), refused);
        assert!(entry.is(&entry.clone()) && !entry.is(&self::entry()));
        assert!(!entry.is(&entry.part(0, 10).unwrap()));
    }

    #[test]
    fn data_begins_within_a_page() {
        let (entry, page) = (entry(), page_size() as u64);
        let data = entry.part_for_data(page + 100, page).unwrap();
        assert_eq!(extent(Ok(data.clone())), Ok((2 * page, 2 * page, 100)));
        let within = data.part_for_data(10, 10);
        assert_eq!(extent(within), Ok((2 * page, page, 110)));
        let refused = Err(KERN_INVALID_ARGUMENT);
        assert_eq!(extent(data.part_for_data(page, page)), refused);
        assert_eq!(extent(data.to_map(0, 1, false)), Ok((2 * page, page, 0)));
        assert_eq!(extent(data.to_map(0, 1, true)), Ok((2 * page, page, 100)));
        assert_eq!(extent(data.to_map(1, 1, false)), refused);
        let copied = MemoryEntry {
            copied: true,
            ..data
        };
        assert_eq!(
            extent(copied.to_map(0, 1, false)),
            Ok((2 * page, page, 100))
        );
        let end = MemoryEntry::of_bytes(entry.fd, u64::MAX, 1, true);
        assert!(end.is_none());
    }

    #[test]
    fn a_hole_in_a_shared_range_leaves_both_sides() {
        let fd = entry().fd;
        let id = FileId::of(&fd).unwrap();
        let mut shared = SharedRanges::default();
        shared.add(10..40, &fd, true);
        shared.remove(&(20..30));
        assert_eq!(shared.0.len(), 2);
        assert!(shared.descriptor(id).is_some_and(|(_, writable)| writable));
        shared.remove(&(5..20));
        assert!(shared.descriptor(id).is_some());
        shared.remove(&(0..100));
        assert!(shared.descriptor(id).is_none());
    }
}
