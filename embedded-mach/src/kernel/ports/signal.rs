//! A descriptor that is readable while something is queued, for event loops.

use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};

/// A level, shown by an eventfd.
#[derive(Debug)]
pub(crate) struct Signal {
    event: EventFd,
    raised: bool,
}

impl Signal {
    pub(crate) fn new() -> Result<Self, Errno> {
        let event =
            EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self {
            event,
            raised: false,
        })
    }

    /// Shows `level` from now on.
    pub(crate) fn show(&mut self, level: bool) {
        if level == self.raised {
            return;
        }
        self.raised = level;
        // Neither can fail: the counter goes from 0 to 1 and back.
        if level {
            let _ = self.event.write(1);
        } else {
            let _ = self.event.read();
        }
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
