//! How a child differs from its parent.

use std::io;
use std::sync::Arc;

use crate::platform::spawn::BeforeExec;
use crate::right::SendRight;
use crate::sys;

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
    /// [`io::ErrorKind::Unsupported`] on macOS, where nothing that spawns can do it.
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

    /// Has the child do something itself before it executes its program.
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user).
    pub fn before_exec(&mut self, action: Arc<dyn BeforeExec>) -> io::Result<()> {
        self.inner.before_exec(action)
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
