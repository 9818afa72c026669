//! What differs between the platforms beyond ports: processes and how they are spawned.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::calls::Name;
use crate::message::AuditToken;
use crate::right::SendRight;
use crate::sys;

pub mod spawn;

#[cfg(target_os = "linux")]
pub use crate::sys::readiness::Readiness;

/// The file that a process executes, as the kernel knows it.
///
/// # Errors
///
/// There is no such process, or it may not be looked at.
///
/// ```
/// let own = mach_ports::platform::executable_path(std::process::id() as i32)?;
/// assert_eq!(own.canonicalize()?, std::env::current_exe()?.canonicalize()?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn executable_path(pid: i32) -> io::Result<PathBuf> {
    sys::process::executable_path(pid)
}

/// The file that the process executes which sent a message, as the kernel knows it now.
///
/// On macOS 11 and newer it is an error if the process has executed another program since. On Linux it is the program of this
/// moment, be it the one that sent the message or not: see [`TOKENS_NAME_PROGRAMS`].
///
/// # Errors
///
/// The process has ended, also if another one has its id by now as far as the token tells; or it may not be looked at.
pub fn executable_of(token: &AuditToken) -> io::Result<PathBuf> {
    sys::process::executable_of(token)
}

/// Looks at the process that sent a message by its id, and answers with what `look` found if the id was that process's all
/// the while.
///
/// # Errors
///
/// What `look` says; or the process has ended, as by [`executable_of`].
pub fn look_at<T>(token: &AuditToken, look: impl FnOnce(i32) -> io::Result<T>) -> io::Result<T> {
    sys::process::look_at(token, look)
}

/// Whether a token stops being a process's when that executes another program: on macOS, not on Linux.
pub const TOKENS_NAME_PROGRAMS: bool = sys::process::TOKENS_NAME_PROGRAMS;

/// Has this process's soft limit of open descriptors be as high as its hard one, or as it was before that.
///
/// On Linux, where each right between two tasks is a descriptor, the first use of a port raises it. Who uses `select`
/// calls this with `false` before that; processes that a launcher starts begin with the limit as it was. Nothing is
/// done on macOS.
pub fn raise_descriptor_limit(on: bool) {
    sys::process::raise_descriptor_limit(on);
}

/// Waits until the descriptors of rights that this process has given up are closed, or `patience` is over: whether they are.
///
/// On Linux those that came from other processes are closed on a thread of the library's own, a moment after the right was
/// given up: closing a stranger's descriptor may take as long as the stranger likes. Who counts descriptors waits for that
/// first. On macOS there is nothing to wait for.
///
/// ```
/// use std::time::Duration;
///
/// assert!(mach_ports::platform::wait_for_closings(Duration::from_secs(10)));
/// ```
#[must_use]
pub fn wait_for_closings(patience: Duration) -> bool {
    sys::process::wait_for_closings(patience)
}

/// Whether this process could send a message with so many rights to another one, as things are now: on Linux rights are
/// descriptors while they travel.
///
/// # Errors
///
/// What the system says: that this process has as many open as its limit allows, or that all have.
pub fn room_for_rights(count: usize) -> io::Result<()> {
    sys::process::room_for_rights(count)
}

/// The sockets behind a name of this process, by the numbers of their inodes, on Linux: who has their peers is at the other end
/// of the name's rights. On macOS there are none, and the kernel does not tell who is there.
#[must_use]
pub fn sockets(name: Name) -> Vec<u64> {
    sys::process::sockets(name)
}

/// The send right that the parent passed with [`spawn::pass_port`]; `None` if it passed none, if that was meant for
/// another process, or if it was asked for before.
#[must_use]
pub fn passed_port() -> Option<SendRight> {
    sys::spawn::passed_port()
}

/// The process id of the parent: of whoever adopted this process, once the parent has died.
#[must_use]
pub fn parent_pid() -> i32 {
    std::os::unix::process::parent_id().cast_signed()
}
