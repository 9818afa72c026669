//! Processes, as Linux tells of them.

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use embedded_mach::linux;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::calls::Name;
use crate::message::AuditToken;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/exe"))
}

/// A token tells processes apart, and not the programs that one executes.
pub(crate) const TOKENS_NAME_PROGRAMS: bool = false;

pub(crate) fn executable_of(token: &AuditToken) -> io::Result<PathBuf> {
    look_at(token, executable_path)
}

pub(crate) fn look_at<T>(
    token: &AuditToken,
    look: impl FnOnce(i32) -> io::Result<T>,
) -> io::Result<T> {
    let process = match pidfd_open(token.pid()) {
        Ok(process) => process,
        // Refused by a sandbox, or not known: the number is all there is.
        Err(Errno::EPERM | Errno::ENOSYS) => return look(token.pid()),
        Err(errno) => return Err(errno.into()),
    };
    let version = linux::process_version(&process).cast_signed();
    if ![0, version].contains(&token.pid_version()) {
        return Err(Errno::ESRCH.into());
    }
    let found = look(token.pid());
    // Only now: it was the process's own number until here.
    if has_ended(&process)? {
        return Err(Errno::ESRCH.into());
    }
    found
}

fn has_ended(process: &OwnedFd) -> Result<bool, Errno> {
    let mut ended = [PollFd::new(process.as_fd(), PollFlags::POLLIN)];
    Ok(poll(&mut ended, PollTimeout::ZERO)? > 0)
}

/// Whether a process is a child of this one, ended or not, which nobody has reaped.
pub(crate) fn is_child(pid: i32) -> bool {
    wait_for(pid, libc::WNOHANG).is_ok()
}

/// Waits until a child has ended, and leaves it to be reaped; no longer than until somebody has done that.
pub(crate) fn wait_without_reaping(pid: i32) {
    while wait_for(pid, 0) == Err(Errno::EINTR) {}
}

fn wait_for(pid: i32, options: libc::c_int) -> Result<(), Errno> {
    // SAFETY: all zeros is a `siginfo_t`, and the call may write it.
    let result = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = options | libc::WEXITED | libc::WNOWAIT;
        libc::waitid(libc::P_PID, pid.cast_unsigned(), &raw mut info, options)
    };
    Errno::result(result).map(drop)
}

/// A descriptor of the process that has a number now.
pub(crate) fn pidfd_open(pid: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: the call takes two numbers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let descriptor = Errno::result(descriptor)?;
    // SAFETY: the call has made the descriptor, close-on-exec, for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as i32) })
}

pub(crate) fn identify_senders(port: Name) -> bool {
    linux::identify_senders(port).unwrap_or(false)
}

/// Each right is a pair of sockets until it has been received. What else a message takes is a few more.
pub(crate) fn room_for_rights(count: usize) -> io::Result<()> {
    const ELSE: usize = 4;
    linux::room_for_descriptors(2 * count + ELSE)
}

pub(crate) fn sockets(name: Name) -> Vec<u64> {
    linux::sockets(name).unwrap_or_default()
}

pub(crate) fn raise_descriptor_limit(on: bool) {
    linux::raise_descriptor_limit(on);
}

pub(crate) fn wait_for_closings(patience: Duration) -> bool {
    embedded_mach::linux::wait_for_closings(patience)
}
