//! Sets of watched descriptors (epoll), each with a number that its owner chose.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::fork;
use super::parker::Waitable;

/// Descriptors under watch. Copies watch the same.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Arc<Instance>);

#[derive(Debug)]
struct Instance(Epoll);

impl AsFd for Instance {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.0.as_fd()
    }
}

impl Watch {
    /// The most keys that one look shows.
    pub(crate) const AT_ONCE: usize = 64;

    pub(crate) fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self(Arc::new(Instance(epoll))))
    }

    /// Watches for something to read, for as long as there is something.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        self.add_with(fd, key, EpollFlags::EPOLLIN)
    }

    /// Watches for changes: something new to read, or the other side's end.
    pub(crate) fn add_edge(&self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        self.add_with(
            fd,
            key,
            EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET,
        )
    }

    /// Watches for the other side's end and for room to write, each time either changes.
    pub(crate) fn add_outward(&self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        self.add_with(
            fd,
            key,
            EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET,
        )
    }

    fn add_with(&self, fd: BorrowedFd<'_>, key: u64, flags: EpollFlags) -> io::Result<()> {
        match self.0.0.add(fd, EpollEvent::new(flags, key)) {
            // A second time is a re-arming.
            Err(Errno::EEXIST) => Ok(self.0.0.modify(fd, &mut EpollEvent::new(flags, key))?),
            other => Ok(other?),
        }
    }

    /// Ends the watch over a descriptor; one that is not watched is no error.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        let _ = self.0.0.delete(fd);
    }

    /// The keys that are ready now; at most [`Self::AT_ONCE`], the kernel rotates them fairly.
    pub(crate) fn ready(&self) -> Keys {
        self.collect(EpollTimeout::ZERO)
    }

    /// Blocks until something is ready.
    pub(crate) fn wait(&self) -> Keys {
        self.collect(EpollTimeout::NONE)
    }

    fn collect(&self, timeout: EpollTimeout) -> Keys {
        let mut events = [EpollEvent::empty(); Self::AT_ONCE];
        let count = self.0.0.wait(&mut events, timeout).unwrap_or(0);
        Keys {
            events,
            next: 0,
            count,
        }
    }

    /// A descriptor that is readable while anything watched is ready.
    pub(crate) fn descriptor(&self) -> Waitable {
        self.0.clone()
    }

    /// In a forked child: closes this process's copy, whoever shares it.
    pub(crate) fn abandon(self) {
        fork::close_for_good(self.0);
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The keys of ready descriptors.
#[derive(Debug)]
pub(crate) struct Keys {
    events: [EpollEvent; Watch::AT_ONCE],
    next: usize,
    count: usize,
}

impl Keys {
    /// Whether there may be others that are ready.
    pub(crate) fn is_full(&self) -> bool {
        self.count == self.events.len()
    }
}

impl Iterator for Keys {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let event = self.events[..self.count].get(self.next)?;
        self.next += 1;
        Some(event.data())
    }
}
