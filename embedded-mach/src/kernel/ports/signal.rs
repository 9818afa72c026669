//! A descriptor that is readable while something is queued, for event loops.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};

/// A level, shown by an eventfd.
#[derive(Debug)]
pub(crate) struct Signal {
    event: Arc<EventFd>,
    raised: bool,
}

impl Signal {
    pub(crate) fn new() -> Result<Self, Errno> {
        let event =
            EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self {
            event: Arc::new(event),
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

    /// What shows the level, for who waits for longer than there is a port.
    pub(crate) fn share(&self) -> Arc<EventFd> {
        Arc::clone(&self.event)
    }

    /// Shows something for good: the port or the set is none any more, and who waits is to find out.
    pub(crate) fn end(self) {
        let _ = self.event.write(1);
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
