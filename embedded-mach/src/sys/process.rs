//! Processes, as the kernel below knows them.

use std::os::fd::{AsFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{fstat, stat};
use nix::sys::statfs::{FsType, fstatfs};
use nix::unistd::getppid;

use super::again::uninterrupted;

/// A descriptor that is readable once a process has ended. `ESRCH` if there is none.
pub(crate) fn watch(pid: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the kernel has just made this descriptor, close-on-exec, for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// The number by which a process is known here. One that this process's pid namespace does not know has the pid 0, which with
/// root's ids would be the kernel's in a token: it is no process here, and has -1.
pub(crate) fn number(pid: i32) -> i32 {
    if pid == 0 { -1 } else { pid }
}

/// Whether a process that a descriptor stands for has ended. Where that cannot be said it counts as ended.
pub(crate) fn has_ended(process: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(process.as_fd(), PollFlags::POLLIN)];
    uninterrupted(|| poll(&mut fds, PollTimeout::ZERO)) != Ok(0)
}

/// Where descriptors of processes are files of their own (Linux 6.9).
const PIDFS: FsType = FsType(0x5049_4446);

/// Which of all processes since the start of the system a descriptor of one stands for, whatever numbers they had: never 0,
/// unless the system does not tell. It does not change with the program that the process executes.
pub(crate) fn version(process: &OwnedFd) -> u32 {
    // Both are answered by the kernel itself: the descriptor is its own.
    match fstatfs(process) {
        Ok(at) if at.filesystem_type() == PIDFS => {}
        _ => return 0,
    }
    // It counts processes. Of two with the same lower half, four billion others have been there in between.
    fstat(process).map_or(0, |found| (found.st_ino as u32).max(1))
}

/// The [`version`] of this process.
pub(crate) fn own_version() -> u32 {
    watch(std::process::id().cast_signed()).map_or(0, |process| version(&process))
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

/// Whether this process is the system administrator's.
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
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
        let version = version(&fd);
        assert!(version != 0 && version != own_version());
        assert_eq!(own_version(), own_version());
        child.wait().unwrap();
        assert_eq!(super::version(&fd), version);
        assert_eq!(watch(pid).unwrap_err(), Errno::ESRCH);
        assert_ne!(numbering(), 0);
    }
}
