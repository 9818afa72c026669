//! Memory entries: rights to memory that several tasks can map.

use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_PROTECTION_FAILURE};
use crate::kernel::Result;
use crate::sys::memory::FileId;

/// A range of a memfd.
#[derive(Clone, Debug)]
pub(crate) struct MemoryEntry {
    pub(crate) fd: Arc<OwnedFd>,
    /// Where the entry begins in the file, in bytes.
    pub(crate) offset: u64,
    /// Its size in bytes.
    pub(crate) size: u64,
    pub(crate) writable: bool,
}

impl MemoryEntry {
    /// A part of this entry, with no more rights than it has.
    pub(crate) fn part(&self, offset: u64, size: u64, writable: bool) -> Result<Self> {
        if writable && !self.writable {
            return Err(KERN_PROTECTION_FAILURE);
        }
        let end = offset.checked_add(size).filter(|&end| end <= self.size);
        let offset = end.and_then(|_| self.offset.checked_add(offset));
        Ok(Self {
            fd: Arc::clone(&self.fd),
            offset: offset.ok_or(KERN_INVALID_ARGUMENT)?,
            size,
            writable,
        })
    }

    /// Whether both are the same range of the same memory, with the same rights.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same_file = || match (FileId::of(&self.fd), FileId::of(&other.fd)) {
            (Ok(own), Ok(other)) => own == other,
            _ => false,
        };
        (self.offset, self.size, self.writable) == (other.offset, other.size, other.writable)
            && same_file()
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
        MemoryEntry {
            fd: Arc::new(memory::shareable(1).unwrap()),
            offset: 100,
            size: 1000,
            writable: false,
        }
    }

    #[test]
    fn a_part_stays_within_the_whole_and_its_rights() {
        let entry = entry();
        assert_eq!(entry.part(10, 990, false).unwrap().offset, 110);
        assert_eq!(
            entry.part(11, 990, false).unwrap_err(),
            KERN_INVALID_ARGUMENT
        );
        assert_eq!(
            entry.part(u64::MAX, 2, false).unwrap_err(),
            KERN_INVALID_ARGUMENT
        );
        assert_eq!(entry.part(0, 1, true).unwrap_err(), KERN_PROTECTION_FAILURE);
        assert!(entry.is(&entry.clone()) && !entry.is(&self::entry()));
        assert!(!entry.is(&entry.part(0, 10, false).unwrap()));
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
