//! What Linux is told of mapped pages.

use std::ops::Range;

use nix::errno::Errno;

/// What is said of pages that are mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Normal,
    Random,
    Sequential,
    /// They will be used soon.
    Needed,
    /// They will not be used soon.
    Cold,
}

fn advise(range: &Range<usize>, advice: libc::c_int) -> Result<(), Errno> {
    // SAFETY: no memory is reached that is not mapped. What the advice takes away, the callers answer for.
    let done = unsafe { libc::madvise(range.start as *mut _, range.len(), advice) };
    Errno::result(done).map(drop)
}

/// Nothing changes in what the pages show.
pub(crate) fn say(range: &Range<usize>, advice: Advice) -> Result<(), Errno> {
    advise(
        range,
        match advice {
            Advice::Normal => libc::MADV_NORMAL,
            Advice::Random => libc::MADV_RANDOM,
            Advice::Sequential => libc::MADV_SEQUENTIAL,
            Advice::Needed => libc::MADV_WILLNEED,
            Advice::Cold => libc::MADV_COLD,
        },
    )
}

/// The pages of private memory that have no file may become zeros until they are written to.
///
/// # Safety
/// Nobody needs what they show.
pub(crate) unsafe fn give_up(range: &Range<usize>) -> Result<(), Errno> {
    advise(range, libc::MADV_FREE)
}

/// The pages become zeros: private ones without a file, or shared ones of a memfd, for all who have them.
///
/// # Safety
/// Nobody needs what they show.
pub(crate) unsafe fn zero(range: &Range<usize>, shared: bool) -> Result<(), Errno> {
    advise(
        range,
        match shared {
            true => libc::MADV_REMOVE,
            false => libc::MADV_DONTNEED,
        },
    )
}

/// Has files written that the pages show; `wait` says whether the call waits for that.
pub(crate) fn write_back(range: &Range<usize>, wait: bool, invalidate: bool) -> Result<(), Errno> {
    let how = if wait { libc::MS_SYNC } else { libc::MS_ASYNC };
    let others = if invalidate { libc::MS_INVALIDATE } else { 0 };
    // SAFETY: nothing changes in what the pages show.
    let done = unsafe { libc::msync(range.start as *mut _, range.len(), how | others) };
    Errno::result(done).map(drop)
}

/// Keeps the pages in memory.
pub(crate) fn wire(range: &Range<usize>) -> Result<(), Errno> {
    // SAFETY: nothing changes in what the pages show.
    let done = unsafe { libc::mlock(range.start as *const _, range.len()) };
    Errno::result(done).map(drop)
}

/// Ends [`wire`].
pub(crate) fn unwire(range: &Range<usize>) -> Result<(), Errno> {
    // SAFETY: as above.
    let done = unsafe { libc::munlock(range.start as *const _, range.len()) };
    Errno::result(done).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::memory;
    use super::*;

    #[test]
    fn zeroed_pages_are_zeros_and_others_stay() {
        let page = memory::page_size();
        let at = memory::map_copy(&vec![7; 2 * page]).unwrap();
        let first = at..at + page;
        say(&first, Advice::Random).unwrap();
        write_back(&first, false, true).unwrap();
        // SAFETY: the pages are this test's.
        unsafe {
            zero(&first, false).unwrap();
            assert_eq!(*(at as *const u8), 0);
            assert_eq!(*((at + page) as *const u8), 7);
            memory::unmap(at, 2 * page).unwrap();
        }
        assert_eq!(say(&(0..page), Advice::Normal), Err(Errno::ENOMEM));
    }
}
