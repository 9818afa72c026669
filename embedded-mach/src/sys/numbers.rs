//! Which numbers the descriptors have that stay for long.
//!
//! A launcher's child is given the part of its parent's table of descriptors that has what the child needs: descriptors
//! that were opened for it, which have the lowest numbers that are free. So that these are low, however many children and
//! rights a process has, what stays goes to higher ones, and a launch copies a table of a few dozen entries.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, fcntl};

/// Who has no more than these keeps them.
const FEW: RawFd = 64;
/// Where others go: beyond what `select` knows, which is for the program.
const HIGH: RawFd = 1024;

/// The same open file under a number that is in nobody's way; under the same one where there are few or no others.
///
/// Only for what is harmless to close while there is another descriptor of it: sockets and processes.
pub(crate) fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    if !(FEW..HIGH).contains(&fd.as_raw_fd()) {
        return fd;
    }
    match fcntl(&fd, FcntlArg::F_DUPFD_CLOEXEC(HIGH)) {
        // SAFETY: the call has made the descriptor for its caller.
        Ok(number) => unsafe { OwnedFd::from_raw_fd(number) },
        // The limit is lower, or reached.
        Err(_) => fd,
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use nix::fcntl::FdFlag;

    use super::*;
    use crate::sys::socket;

    #[test]
    fn what_is_in_the_way_goes_and_nothing_else() {
        let (receiving, sending) = socket::link_pair().unwrap();
        let copy = |number| fcntl(&sending, FcntlArg::F_DUPFD_CLOEXEC(number));
        let has_high = copy(HIGH).is_ok_and(|number| nix::unistd::close(number).is_ok());
        for number in [3, FEW + 100, HIGH + 100] {
            // The limit may be lower.
            let Ok(number) = copy(number) else { continue };
            // SAFETY: the call has made the descriptor.
            let moved = out_of_the_way(unsafe { OwnedFd::from_raw_fd(number) });
            let goes = (FEW..HIGH).contains(&number) && has_high;
            assert_eq!(moved.as_raw_fd() != number, goes, "{number}");
            assert_eq!(moved.as_raw_fd() >= HIGH, goes || number >= HIGH);
            let cookie = socket::cookie(moved.as_fd()).unwrap();
            assert_eq!(cookie, socket::cookie(sending.as_fd()).unwrap());
            let flags = fcntl(&moved, FcntlArg::F_GETFD).unwrap();
            assert_eq!(flags, FdFlag::FD_CLOEXEC.bits());
        }
        drop(receiving);
    }
}
