//! Sets of watched descriptors (epoll), each with a number that its owner chose.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::parker::{Parker, Waitable, Woken};
use super::{direct, fork};

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
    pub(crate) const AT_ONCE: usize = 16;
    /// The key of the descriptor by which a thread that waits is woken. Nothing else has it.
    pub(crate) const WAKE: u64 = u64::MAX;

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

    /// Watches for something new to read, for room to write and for the other side's end, each time one changes.
    pub(crate) fn add_both(&self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        self.add_with(
            fd,
            key,
            EpollFlags::EPOLLIN
                | EpollFlags::EPOLLOUT
                | EpollFlags::EPOLLRDHUP
                | EpollFlags::EPOLLET,
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

    /// Has [`Watch::wait_until`] end when a parker is woken.
    pub(crate) fn add_parker(&self, parker: &Parker) -> io::Result<()> {
        self.add(parker.as_fd(), Self::WAKE)
    }

    /// Blocks until something is ready, the deadline passes (`None`: never) or a signal handler ran.
    pub(crate) fn wait_until(&self, deadline: Option<Instant>) -> (Woken, Keys) {
        let timeout = deadline.map_or(EpollTimeout::NONE, |at| {
            // Up to the next whole millisecond: a wait may be longer than was asked for, and not shorter.
            let left = at.saturating_duration_since(Instant::now()) + Duration::from_nanos(999_999);
            EpollTimeout::try_from(left).unwrap_or(EpollTimeout::MAX)
        });
        let mut keys = Keys::none();
        let woken = match self.look(&mut keys, timeout) {
            Ok(0) => Woken::TimedOut,
            Ok(_) => Woken::Again,
            Err(Errno::EINTR) => Woken::Interrupted,
            // An error other than a signal cannot be waited out; looking again finds its cause.
            Err(_) => Woken::Again,
        };
        (woken, keys)
    }

    fn collect(&self, timeout: EpollTimeout) -> Keys {
        let mut keys = Keys::none();
        // An error shows nothing: looking again finds its cause.
        let _ = self.look(&mut keys, timeout);
        keys
    }

    fn look(&self, keys: &mut Keys, timeout: EpollTimeout) -> Result<usize, Errno> {
        let epoll = self.as_fd().as_raw_fd();
        let count = direct::epoll_wait(epoll, &mut keys.events, timeout.into())?;
        keys.count = count;
        Ok(count)
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
    events: [libc::epoll_event; Watch::AT_ONCE],
    next: usize,
    count: usize,
}

impl Keys {
    pub(crate) fn none() -> Self {
        Self {
            events: [libc::epoll_event { events: 0, u64: 0 }; Watch::AT_ONCE],
            next: 0,
            count: 0,
        }
    }

    /// The only key, if there is one and no other.
    pub(crate) fn only(&self) -> Option<u64> {
        (self.count == 1).then(|| self.events[0].u64)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

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
        Some(event.u64)
    }
}
