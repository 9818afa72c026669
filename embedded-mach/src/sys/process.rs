//! Processes, as the kernel below knows them.

use std::os::fd::{FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::stat::stat;
use nix::unistd::getppid;

/// A descriptor that is readable once a process has ended. `ESRCH` if there is none.
pub(crate) fn watch(pid: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the kernel has just made this descriptor, close-on-exec, for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// The numbering that all others are in.
pub(crate) const FIRST_NUMBERING: u64 = 0xeffffffc;

/// Whether this process has one thread only. Another that has ended may still be counted.
pub(crate) fn is_single_threaded() -> bool {
    unsafe extern "C" {
        /// What glibc says of it, for programs to ask: not 0 if so.
        static __libc_single_threaded: std::ffi::c_char;
    }
    // SAFETY: glibc has had this variable since 2.32, for this very purpose: it changes when this thread starts another.
    unsafe { std::ptr::read_volatile(&raw const __libc_single_threaded) != 0 }
}

/// The parent's number: that of whoever adopted this process, once the parent has died; 0 if it has none here.
pub(crate) fn parent() -> i32 {
    getppid().as_raw()
}

/// Which numbering of processes this one's number belongs to; 0 if that cannot be known.
pub(crate) fn numbering() -> u64 {
    stat("/proc/self/ns/pid").map_or(0, |found| found.st_ino)
}

#[cfg(test)]
mod tests {
    use nix::poll::{PollFd, PollFlags, poll};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_second_thread_is_noticed() {
        // A test runs in a thread of its own.
        assert!(!is_single_threaded());
    }

    #[test]
    fn the_end_of_a_process_shows() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id().cast_signed();
        let fd = watch(pid).unwrap();
        let ended = |timeout: u16| {
            poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)], timeout).unwrap() == 1
        };
        assert!(!ended(0));
        drop(child.stdin.take());
        assert!(ended(20_000));
        child.wait().unwrap();
        assert_eq!(watch(pid).unwrap_err(), Errno::ESRCH);
        assert_ne!(numbering(), 0);
    }
}
