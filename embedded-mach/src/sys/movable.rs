//! Memory that can leave this process without being copied: the files that it is in from its birth.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, FcntlArg, SealFlag, fallocate, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{Whence, ftruncate, lseek};

use super::memory::{all_seals, fill_from_user, may_be_as_large};

/// A memfd of `len` bytes of zeros. It has no seals.
pub(crate) fn file(len: usize) -> Result<OwnedFd, Errno> {
    may_be_as_large(len)?;
    let fd = memfd_create(
        c"mach-memory",
        MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING,
    )?;
    ftruncate(&fd, i64::try_from(len).map_err(|_| Errno::ENOMEM)?)?;
    Ok(fd)
}

/// Seals a file of `size` bytes, of which the first `len` are to be left, against every change.
///
/// # Errors
/// `EBUSY`: it is mapped for writing somewhere, or the kernel has its pages in use. It is as it was then.
pub(crate) fn seal(fd: &OwnedFd, size: usize, len: usize) -> Result<(), Errno> {
    let add = |seals| fcntl(fd, FcntlArg::F_ADD_SEALS(seals)).map(drop);
    if len != size {
        // First what can fail. Cutting it off also clears the rest of the last page.
        add(SealFlag::F_SEAL_WRITE)?;
        ftruncate(fd, i64::try_from(len).map_err(|_| Errno::EINVAL)?)?;
    }
    add(all_seals())
}

/// Seals a file so that others can map it: its size stays, its contents can change.
pub(crate) fn seal_size(fd: &OwnedFd) -> Result<(), Errno> {
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(fd, FcntlArg::F_ADD_SEALS(seals)).map(drop)
}

/// Gives the memory of a part of a file back, which is all zeros then.
pub(crate) fn free(fd: &OwnedFd, offset: u64, len: usize) -> Result<(), Errno> {
    let part = |number: u64| i64::try_from(number).map_err(|_| Errno::EINVAL);
    let mode = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    fallocate(fd, mode, part(offset)?, part(len as u64)?)
}

/// A sealed memfd with `len` bytes from `address` on, where a file is mapped from `offset` on. Where the file has
/// nothing yet the copy has nothing, and the original neither.
pub(crate) fn sealed_copy(
    from: &OwnedFd,
    offset: u64,
    address: usize,
    len: usize,
) -> Result<OwnedFd, Errno> {
    let copy = file(len)?;
    let first = i64::try_from(offset).map_err(|_| Errno::EINVAL)?;
    let end = first + i64::try_from(len).map_err(|_| Errno::EINVAL)?;
    let mut at = first;
    while at < end {
        let start = match lseek(from, at, Whence::SeekData) {
            // There is nothing behind.
            Err(Errno::ENXIO) => break,
            start => start?.min(end),
        };
        let stop = lseek(from, start, Whence::SeekHole)?.min(end);
        if start < stop {
            let skipped = (start - first) as usize;
            lseek(&copy, start - first, Whence::SeekSet)?;
            fill_from_user(&copy, address + skipped, (stop - start) as usize)?;
        }
        at = stop;
    }
    fcntl(&copy, FcntlArg::F_ADD_SEALS(all_seals()))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::super::mapping::{self, Backing, Place};
    use super::super::memory::{self, page_size, read_sealed};
    use super::*;
    use nix::sys::mman::ProtFlags;
    use nix::sys::stat::fstat;

    /// # Safety
    /// It is given back with `unmap`.
    unsafe fn mapped(fd: &OwnedFd, len: usize) -> usize {
        let place = Place::Anywhere { mask: 0 };
        let rw = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: the place is the kernel's choice.
        unsafe { mapping::map(place, len, rw, Backing::Shared(fd, 0)) }.unwrap()
    }

    #[test]
    fn what_is_mapped_for_writing_cannot_be_sealed() {
        let page = page_size();
        let fd = file(2 * page).unwrap();
        // SAFETY: the memory is this test's own.
        unsafe {
            let at = mapped(&fd, 2 * page);
            std::ptr::write_bytes(at as *mut u8, 7, 2 * page);
            assert_eq!(seal(&fd, 2 * page, 2 * page), Err(Errno::EBUSY));
            assert_eq!(seal(&fd, 2 * page, page + 1), Err(Errno::EBUSY));
            memory::unmap(at, 2 * page).unwrap();
        }
        seal(&fd, 2 * page, page + 1).unwrap();
        assert!(memory::is_sealed_memory(&fd, page + 1));
        assert!(!memory::is_sealed_memory(&fd, page + 2));
        // What a mapping shows of the last page beyond the end is not what was there.
        let at = memory::map_private(&fd, 2 * page).unwrap();
        // SAFETY: a mapping of two pages, which the file has the first bytes of.
        unsafe {
            let bytes = std::slice::from_raw_parts(at as *const u8, 2 * page);
            assert_eq!(
                (bytes[page], bytes[page + 1], bytes[2 * page - 1]),
                (7, 0, 0)
            );
            memory::unmap(at, 2 * page).unwrap();
        }
    }

    #[test]
    fn a_copy_has_holes_where_the_original_has() {
        let page = page_size();
        let fd = file(64 * page).unwrap();
        let blocks = |fd: &OwnedFd| fstat(fd).unwrap().st_blocks as usize * 512;
        // SAFETY: the memory is this test's own.
        unsafe {
            let at = mapped(&fd, 64 * page);
            for (index, value) in [(3, 1), (40, 2), (63, 3)] {
                ((at + index * page + 5) as *mut u8).write_volatile(value);
            }
            let before = blocks(&fd);
            let copy = sealed_copy(&fd, 2 * page as u64, at + 2 * page, 61 * page + 6).unwrap();
            let bytes = read_sealed(&copy, 61 * page + 6).unwrap();
            let set: Vec<_> = (0..bytes.len()).filter(|&i| bytes[i] != 0).collect();
            assert_eq!(set, [page + 5, 38 * page + 5, 61 * page + 5]);
            assert_eq!([38, 61].map(|index| bytes[index * page + 5]), [2, 3]);
            assert!(blocks(&copy) <= before && blocks(&fd) == before);
            free(&fd, 40 * page as u64, page).unwrap();
            assert_eq!(((at + 40 * page + 5) as *const u8).read_volatile(), 0);
            memory::unmap(at, 64 * page).unwrap();
        }
    }
}
