//! What is mapped where in this process, as `/proc/self/maps` tells.

use std::io;
use std::ops::Range;

use nix::sys::stat::makedev;

use super::memory::FileId;
use crate::headers::vm_prot::{VM_PROT_EXECUTE, VM_PROT_READ, VM_PROT_WRITE, vm_prot_t};

/// Neighbouring pages that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) range: Range<usize>,
    pub(crate) protection: vm_prot_t,
    /// Written by all who map the file, and by forked children.
    pub(crate) shared: bool,
    /// What is mapped; all zeros for memory without a file.
    pub(crate) file: FileId,
    /// Where the region begins in the file.
    pub(crate) offset: u64,
    /// The stack of the first thread, or memory that `malloc` hands out in small pieces.
    pub(crate) vital: bool,
}

/// The regions in a range, cut to it, in ascending order, as far as there is no hole.
pub(crate) fn up_to_a_hole(range: Range<usize>) -> io::Result<Vec<Region>> {
    let mut found = Vec::new();
    let mut next = range.start;
    for region in now()? {
        if region.range.end <= next || region.range.start >= range.end {
            continue;
        }
        if region.range.start > next {
            break;
        }
        next = region.range.end.min(range.end);
        found.push(cut(region, &range));
    }
    Ok(found)
}

/// The regions in a range, cut to it, in ascending order.
pub(crate) fn within(range: &Range<usize>) -> io::Result<Vec<Region>> {
    let inside = |region: &Region| region.range.end > range.start && region.range.start < range.end;
    let all = now()?.into_iter().filter(inside);
    Ok(all.map(|region| cut(region, range)).collect())
}

/// How many regions this process has.
pub(crate) fn count() -> io::Result<usize> {
    now().map(|regions| regions.len())
}

/// All regions of this process, in ascending order.
pub(super) fn now() -> io::Result<Vec<Region>> {
    std::fs::read_to_string("/proc/self/maps").map(|text| all(&text))
}

/// The regions that a text of that file lists.
pub(super) fn all(text: &str) -> Vec<Region> {
    text.lines().filter_map(parse).collect()
}

pub(super) fn cut(region: Region, range: &Range<usize>) -> Region {
    let start = region.range.start.max(range.start);
    let end = region.range.end.min(range.end);
    let skipped = (start - region.range.start) as u64;
    Region {
        range: start..end,
        offset: region.offset + skipped,
        ..region
    }
}

/// A line: `start-end rwxp offset major:minor inode   path`.
pub(super) fn parse(line: &str) -> Option<Region> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    let flags = fields.next()?.as_bytes();
    let offset = u64::from_str_radix(fields.next()?, 16).ok()?;
    let (major, minor) = fields.next()?.split_once(':')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    let device = makedev(number(major)?, number(minor)?);
    let inode = fields.next()?.parse().ok()?;
    let protection = [VM_PROT_READ, VM_PROT_WRITE, VM_PROT_EXECUTE]
        .into_iter()
        .zip(flags)
        .filter(|(_, flag)| **flag != b'-')
        .fold(0, |all, (bit, _)| all | bit);
    Some(Region {
        range: address(start)?..address(end)?,
        protection,
        shared: flags.get(3) == Some(&b's'),
        file: FileId { device, inode },
        offset,
        vital: matches!(fields.next(), Some("[stack]" | "[heap]")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::memory;
    use super::*;

    #[test]
    fn a_line_is_understood() {
        let line = "7f00-8000 r-xs 00002000 00:01 77                /memfd:a b (deleted)";
        let region = Region {
            range: 0x7f00..0x8000,
            protection: VM_PROT_READ | VM_PROT_EXECUTE,
            shared: true,
            file: FileId {
                device: makedev(0, 1),
                inode: 77,
            },
            offset: 0x2000,
            vital: false,
        };
        assert_eq!(parse(line), Some(region.clone()));
        let cut = cut(region, &(0x7f80..0x9000));
        assert_eq!((cut.range, cut.offset), (0x7f80..0x8000, 0x2080));
        assert_eq!(parse("7f00-8000"), None);
        assert!(parse("1-2 rw-p 0 00:00 0 [stack]").unwrap().vital);
    }

    #[test]
    fn mapped_memory_is_found_with_its_file_and_holes_are_seen() {
        let page = memory::page_size();
        let fd = memory::sealed(&vec![1; 3 * page]).unwrap();
        let at = memory::map_private(&fd, 3 * page).unwrap();
        let found = up_to_a_hole(at + page..at + 2 * page).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].range, at + page..at + 2 * page);
        assert_eq!(found[0].offset, page as u64);
        assert_eq!(found[0].file, FileId::of(&fd).unwrap());
        assert!(!found[0].shared && !found[0].vital);
        // SAFETY: the mapping was made above.
        unsafe { memory::unmap(at, 3 * page).unwrap() };
        assert_eq!(up_to_a_hole(8..9).unwrap(), []);
    }
}
