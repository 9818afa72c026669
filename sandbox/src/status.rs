//! How a process is locked up, as the kernel tells whoever asks.

use std::io;

use crate::sys;

/// How a process is locked up: what its kernel tells of all of its threads, and not what the process says.
///
/// It proves that a lock is on, not how strict it is. So it catches the helper that forgot to lock itself up, or was started
/// by another way than it should be; a helper that is hostile from its first instruction can lock itself up loosely.
///
/// ```
/// use sandbox::{Evidence, Status};
///
/// let own = Status::of(std::process::id() as i32)?;
/// assert!(!own.shows(Evidence::Filter, &Status::inherited()?));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Whether no thread can get privileges by executing a program (`no_new_privs`). On macOS it is as `locks`.
    pub no_new_privileges: bool,
    /// How many filters of system calls each thread has at least. On macOS it is 1 in a sandbox, and 0 outside.
    pub locks: u32,
}

impl Status {
    /// Looks at a process. Who has no pid but a message's sender must make sure that the pid is still that one's.
    ///
    /// # Errors
    /// There is no such process, or this one may not look: on Linux in a sandbox of its own, or where `/proc` hides
    /// processes (`hidepid`).
    pub fn of(pid: i32) -> io::Result<Self> {
        sys::status::of(pid)
    }

    /// What a child of this process has that locks nothing up. In a container that may be filters already. Where this
    /// process is in a sandbox on macOS its children are too, and there is nothing to tell more by.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn inherited() -> io::Result<Self> {
        sys::status::inherited()
    }

    /// Whether it is evidence of a lock that was not `inherited` by birth.
    #[must_use]
    pub fn shows(&self, evidence: Evidence, inherited: &Self) -> bool {
        match evidence {
            Evidence::Filter => self.no_new_privileges && self.locks > inherited.locks,
            Evidence::NoNewPrivileges => self.no_new_privileges,
        }
    }
}

/// What a process must show for being locked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Evidence {
    /// A filter of system calls and no new privileges, on every thread; on macOS the system's sandbox. What
    /// [`Profile::enter`](crate::Profile::enter) and `Launcher::profile` do.
    #[default]
    Filter,
    /// No new privileges, on every thread: all that shows where the kernel has no filters and the profile
    /// [does without](crate::Profile::accept_without). What a process inherits counts, too. On macOS it is as
    /// [`Filter`](Self::Filter).
    NoNewPrivileges,
}
