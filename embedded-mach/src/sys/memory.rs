//! Memory that changes hands: sealed memfds, and page-aligned mappings.

use std::ffi::c_void;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};
use nix::sys::stat::fstat;
use nix::sys::statfs::{TMPFS_MAGIC, fstatfs};

use super::usage;

/// Which file a descriptor stands for, as long as one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl FileId {
    pub(crate) fn of(fd: &OwnedFd) -> Result<Self, Errno> {
        fstat(fd).map(|st| Self {
            device: st.st_dev,
            inode: st.st_ino,
        })
    }
}

/// Where the memory of a process begins, and where it ends.
pub(crate) const LOWEST: u64 = 64 << 10;
pub(crate) const HIGHEST: u64 = if cfg!(target_arch = "aarch64") {
    1 << 48
} else {
    1 << 47
};

/// The size of a page, in bytes.
pub(crate) fn page_size() -> usize {
    // SAFETY: a question without arguments in memory.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// `len` rounded up to whole pages, `None` if that overflows.
pub(crate) fn round_page(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(page_size())
}

/// A memfd with `len` bytes that start at `address` in this process, sealed against every change.
///
/// The kernel does the reading, so that memory that is not there is an error (`EFAULT`), not a crash.
pub(crate) fn sealed_copy_of_user(address: usize, len: usize) -> Result<OwnedFd, Errno> {
    may_be_as_large(len)?;
    let fd = new_memfd()?;
    fill_from_user(&fd, address, len)?;
    seal(&fd)?;
    Ok(fd)
}

/// As [`shareable`], with `len` bytes that start at `address` in this process.
pub(crate) fn shareable_copy_of_user(address: usize, len: usize) -> Result<OwnedFd, Errno> {
    let fd = shareable(len as u64)?;
    fill_from_user(&fd, address, len)?;
    Ok(fd)
}

/// Writes `len` bytes that start at `address` in this process, from where the file stands.
pub(super) fn fill_from_user(fd: &OwnedFd, address: usize, len: usize) -> Result<(), Errno> {
    let mut done = 0;
    while done < len {
        // SAFETY: `write` only reads, and reports memory that is not readable as `EFAULT`.
        let n = unsafe {
            libc::write(
                fd.as_raw_fd(),
                (address + done) as *const c_void,
                len - done,
            )
        };
        match n {
            0 => return Err(Errno::EIO),
            n if n > 0 => done += n as usize,
            _ if Errno::last() == Errno::EINTR => {}
            _ => return Err(Errno::last()),
        }
    }
    Ok(())
}

/// A memfd that holds `bytes`, sealed against every change.
pub(crate) fn sealed(bytes: &[u8]) -> Result<OwnedFd, Errno> {
    sealed_copy_of_user(bytes.as_ptr() as usize, bytes.len())
}

/// A memfd for tasks to share, of `len` bytes in whole pages. Neither its size nor its seals can change.
pub(crate) fn shareable(len: u64) -> Result<OwnedFd, Errno> {
    let len = len.checked_next_multiple_of(page_size() as u64);
    let len = len
        .and_then(|len| i64::try_from(len).ok())
        .ok_or(Errno::ENOMEM)?;
    may_be_as_large(len as usize)?;
    let fd = memfd_create(
        c"mach-memory",
        MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING,
    )?;
    nix::unistd::ftruncate(&fd, len)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&fd, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(fd)
}

/// `EFBIG` where this process may have no file of `len` bytes, instead of the signal.
pub(super) fn may_be_as_large(len: usize) -> Result<(), Errno> {
    match len <= usage::file_limit() {
        true => Ok(()),
        false => Err(Errno::EFBIG),
    }
}

fn new_memfd() -> Result<OwnedFd, Errno> {
    memfd_create(
        c"mach-message",
        MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING,
    )
}

fn seal(fd: &OwnedFd) -> Result<(), Errno> {
    fcntl(fd, FcntlArg::F_ADD_SEALS(all_seals())).map(drop)
}

pub(super) fn all_seals() -> SealFlag {
    SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SEAL
}

/// Whether a descriptor is memory of some kind. The kernel answers by itself: only memory has seals.
pub(crate) fn is_any(fd: BorrowedFd<'_>) -> bool {
    fcntl(fd, FcntlArg::F_GET_SEALS).is_ok()
}

/// Whether a descriptor is memory of at least `len` bytes that its sender can neither change nor take away.
pub(crate) fn is_sealed_memory(fd: &impl AsFd, len: usize) -> bool {
    is_memory(fd, SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_WRITE, len)
}

/// Whether a descriptor is memory of at least `len` bytes that stays as long as it is mapped.
pub(crate) fn cannot_shrink(fd: &impl AsFd, len: usize) -> bool {
    is_memory(fd, SealFlag::F_SEAL_SHRINK, len)
}

fn is_memory(fd: &impl AsFd, needed: SealFlag, len: usize) -> bool {
    // First what the kernel answers by itself: only memory has seals, and a question to a stranger's file system could
    // wait for its answer for ever.
    let sealed = || {
        fcntl(fd, FcntlArg::F_GET_SEALS)
            .is_ok_and(|bits| SealFlag::from_bits_truncate(bits).contains(needed))
    };
    // Ordinary pages only: a huge-page memfd could fault when it is touched.
    let ordinary = || fstatfs(fd).is_ok_and(|fs| fs.filesystem_type() == TMPFS_MAGIC);
    let large_enough =
        || fstat(fd).is_ok_and(|st| usize::try_from(st.st_size).is_ok_and(|n| n >= len));
    sealed() && ordinary() && large_enough()
}

/// Maps `len` bytes of sealed memory as a private, writable copy; its address.
pub(crate) fn map_private(fd: &OwnedFd, len: usize) -> Result<usize, Errno> {
    let Some(len) = NonZeroUsize::new(len) else {
        return Ok(0);
    };
    // SAFETY: the kernel chooses the place, so that no existing mapping is touched.
    let at = unsafe {
        mmap(
            None,
            len,
            ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
            MapFlags::MAP_PRIVATE,
            fd,
            0,
        )
    }?;
    Ok(at.as_ptr() as usize)
}

/// Fresh zeroed pages for `len` bytes; their address.
pub(crate) fn map_fresh(len: usize) -> Result<usize, Errno> {
    let Some(len) = NonZeroUsize::new(len) else {
        return Ok(0);
    };
    // SAFETY: the kernel chooses the place, so that no existing mapping is touched.
    let at = unsafe {
        mmap_anonymous(
            None,
            len,
            ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
            MapFlags::MAP_PRIVATE,
        )
    }?;
    Ok(at.as_ptr() as usize)
}

/// Fresh pages that hold a copy of `bytes`; their address.
pub(crate) fn map_copy(bytes: &[u8]) -> Result<usize, Errno> {
    let address = map_fresh(bytes.len())?;
    if address != 0 {
        // SAFETY: `address` is a new mapping of at least `bytes.len()` writable bytes, disjoint from `bytes`.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len());
        }
    }
    Ok(address)
}

/// Gives back the pages that `address..address + len` touches, which are returned.
///
/// # Safety
/// Nothing may use that memory any more, as after `vm_deallocate`.
pub(crate) unsafe fn unmap(address: usize, len: usize) -> Result<Range<usize>, Errno> {
    let page = page_size();
    let start = address / page * page;
    let end = address
        .checked_add(len)
        .and_then(round_page)
        .ok_or(Errno::EINVAL)?;
    let Some(at) = NonNull::new(start as *mut c_void) else {
        return Err(Errno::EINVAL);
    };
    if end > start {
        // SAFETY: the caller gives the memory up.
        unsafe { munmap(at, end - start) }?;
    }
    Ok(start..end)
}

/// The first `len` bytes of sealed memory.
pub(crate) fn read_sealed(fd: &OwnedFd, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    std::os::unix::fs::FileExt::read_exact_at(
        &std::fs::File::from(fd.try_clone()?),
        &mut bytes,
        0,
    )?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_memory_is_recognised_and_nothing_else_is() {
        let fd = sealed(b"abc").unwrap();
        assert!(is_sealed_memory(&fd, 3));
        assert!(!is_sealed_memory(&fd, 4));
        assert!(!is_sealed_memory(&new_memfd().unwrap(), 0));
        let null: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        assert!(!is_sealed_memory(&null, 0));
        assert_eq!(read_sealed(&fd, 3).unwrap(), b"abc");
    }

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        assert_eq!(sealed_copy_of_user(8, 4096).unwrap_err(), Errno::EFAULT);
    }

    #[test]
    fn a_private_mapping_is_writable_and_changes_nothing() {
        let fd = sealed(&[7; 5000]).unwrap();
        let at = map_private(&fd, 5000).unwrap();
        // SAFETY: `at` is a private writable mapping of 5,000 bytes, made above.
        unsafe {
            *(at as *mut u8) = 1;
            unmap(at, 5000).unwrap();
        }
        assert_eq!(read_sealed(&fd, 1).unwrap(), [7]);
    }
}
