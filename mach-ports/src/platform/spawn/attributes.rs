//! How a child differs from its parent.

use std::ffi::CStr;
use std::io;
use std::sync::Arc;

use crate::platform::spawn::BeforeExec;
use crate::right::SendRight;
use crate::sys;

/// Limits of a resource, in its unit, by its number in `<sys/resource.h>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceLimit {
    /// Such as `RLIMIT_NOFILE`.
    pub resource: i32,
    /// What holds.
    pub soft: u64,
    /// Up to where the process may raise it.
    pub hard: u64,
}

/// How the child differs from its parent.
#[derive(Debug)]
pub struct Attributes {
    pub(super) inner: sys::spawn::Attributes,
    /// A right that the attributes name; it must live until the spawn.
    pub(super) bootstrap: Option<SendRight>,
}

impl Attributes {
    /// No difference.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            inner: sys::spawn::Attributes::new()?,
            bootstrap: None,
        })
    }

    /// Puts the child into a process group; 0 makes a new one with the child's id.
    ///
    /// # Errors
    ///
    /// The number is out of range.
    pub fn process_group(&mut self, group: i32) -> io::Result<()> {
        self.inner.process_group(group)
    }

    /// Starts the child with no signal blocked. Otherwise those are that the calling thread has blocked.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn unblock_signals(&mut self) -> io::Result<()> {
        self.inner.unblock_signals()
    }

    /// Starts the child with SIGPIPE, which Rust programs ignore, back at its default, as `std::process::Command`
    /// does.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn reset_sigpipe(&mut self) -> io::Result<()> {
        self.inner.reset_sigpipe()
    }

    /// Has the child run as this user, and in no supplementary groups if this process is root.
    ///
    /// # Errors
    ///
    /// None is known; whoever is not permitted to do so gets `EPERM` by the spawn. On macOS the spawn fails with
    /// [`io::ErrorKind::Unsupported`] where this library is not linked into the program, but in a library that it loads.
    pub fn user(&mut self, id: u32) -> io::Result<()> {
        self.inner.user(id)
    }

    /// Has the child run with this group for its own.
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user).
    pub fn users_group(&mut self, id: u32) -> io::Result<()> {
        self.inner.users_group(id)
    }

    /// Has the child keep these permissions from the files that it creates, as `umask` says.
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user).
    pub fn umask(&mut self, mask: u32) -> io::Result<()> {
        self.inner.umask(mask)
    }

    /// Has the child have these limits of a resource.
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user); to raise a hard limit takes permission.
    pub fn limit(&mut self, limit: ResourceLimit) -> io::Result<()> {
        self.inner.limit(limit)
    }

    /// Has the child do something itself before it executes its program.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] on macOS, where a child cannot.
    pub fn before_exec(&mut self, action: Arc<dyn BeforeExec>) -> io::Result<()> {
        self.inner.before_exec(action)
    }

    /// Has the child enter macOS's sandbox before it executes its program, and have no higher limits of resources.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] on Linux, where [`before_exec`](Self::before_exec) is for that. The spawn may fail as
    /// for [`user`](Self::user); with `EPERM`, and a line on the child's standard error, if the text is not taken.
    pub fn sandbox(&mut self, text: &CStr, limits: &[ResourceLimit]) -> io::Result<()> {
        self.inner.sandbox(text, limits)
    }

    /// Makes the child the leader of a new session, which has no controlling terminal, and so of a new process
    /// group: asking for another group as well fails the spawn.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn new_session(&mut self) -> io::Result<()> {
        self.inner.new_session()
    }
}
