//! Where an image's segments are, in memory and in its file.
//!
//! Both formats are read on both systems: which one an image has, it says itself.

// What a stranger's file says trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod elf;
mod mach_o;

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use object::read::{ReadCache, ReadCacheOps};

use crate::BuildId;

/// More segments than any linker makes.
const MAX_SEGMENTS: usize = 4096;

/// An image's segments, ascending, by their distance from the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) start: u64,
    pub(crate) size: u64,
    pub(crate) file_offset: u64,
    pub(crate) file_size: u64,
}

/// What an image's headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headers {
    /// The address that the first segment was linked to.
    pub(crate) lowest: u64,
    pub(crate) layout: Layout,
    pub(crate) build_id: Option<BuildId>,
}

impl Headers {
    /// Reads those of a file.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        // Who says where its file is may be hostile: nothing is waited for, and nothing but a file is read.
        let file = File::options()
            .read(true)
            .custom_flags(nix::libc::O_NONBLOCK)
            .open(path)
            .ok()?;
        let data = file.metadata().ok()?;
        // Files without a length are the kernel's, and reading one may have effects.
        if !data.is_file() || data.len() == 0 {
            return None;
        }
        let data = &ReadCache::new(file);
        elf::headers(data, elf::Place::File).or_else(|| mach_o::headers(data))
    }

    /// Reads those of an image that is mapped, by what reads memory from its load address on.
    pub(crate) fn of_memory(memory: impl ReadCacheOps) -> Option<Self> {
        elf::headers(&ReadCache::new(memory), elf::Place::Memory)
    }
}

impl Layout {
    /// Of segments by their own addresses, where they begin with the lowest.
    pub(crate) fn new(mut segments: Vec<Segment>) -> Option<Self> {
        segments.sort_unstable_by_key(|segment| segment.start);
        let lowest = segments.first()?.start;
        for segment in &mut segments {
            segment.start = segment.start.saturating_sub(lowest);
        }
        Some(Self { segments })
    }

    pub(crate) fn size(&self) -> u64 {
        let end = |segment: &Segment| segment.start.saturating_add(segment.size);
        self.segments.iter().map(end).max().unwrap_or(0)
    }

    pub(crate) fn contains(&self, offset: u64) -> bool {
        self.segment(offset).is_some()
    }

    pub(crate) fn file_offset(&self, offset: u64) -> Option<u64> {
        let (segment, inside) = self.segment(offset)?;
        (inside < segment.file_size).then(|| segment.file_offset.saturating_add(inside))
    }

    /// The segment at this distance from the first, and how far into it that is.
    fn segment(&self, offset: u64) -> Option<(&Segment, u64)> {
        self.segments.iter().find_map(|segment| {
            let inside = offset.checked_sub(segment.start)?;
            (inside < segment.size).then_some((segment, inside))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(start: u64, size: u64, file_offset: u64, file_size: u64) -> Segment {
        Segment {
            start,
            size,
            file_offset,
            file_size,
        }
    }

    #[test]
    fn offsets_are_found_in_segments_and_not_between_them() {
        let layout = Layout::new(vec![
            segment(0x40_3000, 0x2000, 0x1000, 0x800),
            segment(0x40_0000, 0x1000, 0, 0x1000),
        ])
        .unwrap();
        assert_eq!(layout.size(), 0x5000);
        assert_eq!(layout.file_offset(0xfff), Some(0xfff));
        assert!(!layout.contains(0x1000));
        assert_eq!(layout.file_offset(0x3004), Some(0x1004));
        // Zeros that are in no file.
        assert!(layout.contains(0x3800));
        assert_eq!(layout.file_offset(0x3800), None);
        assert!(!layout.contains(0x5000));
    }

    #[test]
    fn absurd_segments_overflow_nothing() {
        let layout = Layout::new(vec![
            segment(0, u64::MAX, u64::MAX, u64::MAX),
            segment(5, u64::MAX, 0, 0),
        ])
        .unwrap();
        assert_eq!(layout.size(), u64::MAX);
        assert_eq!(layout.file_offset(9), Some(u64::MAX));
        assert_eq!(Layout::new(Vec::new()), None);
    }
}
