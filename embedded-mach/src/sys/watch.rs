//! Sets of watched descriptors (epoll), each with a number that its owner chose.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// Descriptors under watch.
#[derive(Debug)]
pub(crate) struct Watch {
    epoll: Epoll,
    /// The same epoll instance once more, to be polled by threads that do not hold the kernel's lock.
    shared: Arc<OwnedFd>,
}

impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let shared = Arc::new(epoll.0.try_clone()?);
        Ok(Self { epoll, shared })
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
        match self.epoll.add(fd, EpollEvent::new(flags, key)) {
            // A second time is a re-arming.
            Err(Errno::EEXIST) => Ok(self.epoll.modify(fd, &mut EpollEvent::new(flags, key))?),
            other => Ok(other?),
        }
    }

    /// Ends the watch over a descriptor; one that is not watched is no error.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        let _ = self.epoll.delete(fd);
    }

    /// The keys that are ready now; at most 64, the kernel rotates them fairly.
    pub(crate) fn ready(&self) -> Keys {
        self.collect(EpollTimeout::ZERO)
    }

    /// Blocks until something is ready.
    pub(crate) fn wait(&self) -> Keys {
        self.collect(EpollTimeout::NONE)
    }

    fn collect(&self, timeout: EpollTimeout) -> Keys {
        let mut events = [EpollEvent::empty(); 64];
        let count = self.epoll.wait(&mut events, timeout).unwrap_or(0);
        Keys {
            events,
            next: 0,
            count,
        }
    }

    /// A descriptor that is readable while anything watched is ready.
    pub(crate) fn descriptor(&self) -> &Arc<OwnedFd> {
        &self.shared
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.0.as_fd()
    }
}

/// The keys of ready descriptors.
#[derive(Debug)]
pub(crate) struct Keys {
    events: [EpollEvent; 64],
    next: usize,
    count: usize,
}

impl Iterator for Keys {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let event = self.events[..self.count].get(self.next)?;
        self.next += 1;
        Some(event.data())
    }
}
