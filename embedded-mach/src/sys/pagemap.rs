//! How single pages of this process are, as `/proc/self/pagemap` tells.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::memory::page_size;

/// How a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) present: bool,
    pub(crate) put_away: bool,
    /// It is a file's, or of memory that is shared.
    pub(crate) of_a_file: bool,
}

/// The pages of a range, which is of whole pages.
pub(crate) fn pages(range: Range<usize>) -> io::Result<Vec<Page>> {
    const ENTRY: usize = size_of::<u64>();
    let page = page_size();
    let mut bytes = vec![0; range.len() / page * ENTRY];
    let first = (range.start / page * ENTRY) as u64;
    File::open("/proc/self/pagemap")?.read_exact_at(&mut bytes, first)?;
    let (entries, _) = bytes.as_chunks::<ENTRY>();
    let known = entries.iter().map(|entry| {
        let bits = u64::from_ne_bytes(*entry);
        Page {
            present: bits & 1 << 63 != 0,
            put_away: bits & 1 << 62 != 0,
            of_a_file: bits & 1 << 61 != 0,
        }
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::super::memory;
    use super::*;

    #[test]
    fn a_page_is_there_once_it_was_written() {
        let page = page_size();
        let at = memory::map_fresh(2 * page).unwrap();
        // SAFETY: the page is this test's.
        unsafe { (at as *mut u8).write_volatile(1) };
        let found = pages(at..at + 2 * page).unwrap();
        assert!(found[0].present && !found[0].of_a_file);
        assert_eq!(found[1], Page::default());
        // SAFETY: nobody uses the pages.
        unsafe { memory::unmap(at, 2 * page).unwrap() };
    }
}
