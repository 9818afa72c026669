//! Descriptors that a caller names by number.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::Mode;

/// A new descriptor, close-on-exec, for the open file of descriptor number `raw`.
pub(crate) fn duplicate(raw: i32) -> Result<OwnedFd, Errno> {
    if raw < 0 {
        return Err(Errno::EBADF);
    }
    // SAFETY: only borrowed for the question; a number that is not open is answered with EBADF.
    let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
    let copy = fcntl(borrowed, FcntlArg::F_DUPFD_CLOEXEC(0))?;
    // SAFETY: the kernel has just made this descriptor for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Low numbers are those that programs choose for what they hand to a child.
const LOWEST_INHERITED: i32 = 100;

/// A further descriptor of the same open file that stays open across `exec`.
pub(crate) fn inheritable(fd: &impl AsFd) -> Result<OwnedFd, Errno> {
    let copy = fcntl(fd.as_fd(), FcntlArg::F_DUPFD(LOWEST_INHERITED))?;
    // SAFETY: the kernel has just made this descriptor for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// The same file, opened again for reading only.
pub(crate) fn read_only(fd: &OwnedFd) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    open(
        path.as_str(),
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_open_is_an_error() {
        assert_eq!(duplicate(-1).unwrap_err(), Errno::EBADF);
        assert_eq!(duplicate(i32::MAX).unwrap_err(), Errno::EBADF);
    }
}
