//! Ports that tasks wait for: a descriptor in the runtime's own epoll instance.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::calls::Name;
use crate::dispatch::DispatchError;
use crate::sys::readiness::Readiness;

/// A port or set under the watch of the runtime that it was made in.
pub(crate) struct Watch(AsyncFd<Readiness>);

impl Watch {
    pub(crate) fn new(port: Name) -> Result<Self, DispatchError> {
        let readiness = Readiness::of(port)?;
        // SAFETY: a readiness owns its one descriptor, which it never changes or gives away.
        let watched = unsafe { AsyncFd::register_with_interest(readiness, Interest::READABLE) };
        watched.map(Self).map_err(|error| DispatchError::System {
            call: "epoll_ctl",
            source: error.into_parts().1,
        })
    }

    /// Tries until something is found, each time that there may be something. Nothing is lost if the future is dropped: what
    /// an attempt finds is returned at once.
    ///
    /// The runtime tells of changes alone. So it is always tried before it is waited, and what the runtime knows is forgotten
    /// before the next attempt, not after: whatever comes later is a change of its own.
    pub(crate) async fn wait<T>(&self, mut attempt: impl FnMut() -> Option<T>) -> io::Result<T> {
        loop {
            if let Some(found) = attempt() {
                return Ok(found);
            }
            if self.is_readable() {
                tokio::task::yield_now().await;
            } else {
                self.0.readable().await?.clear_ready();
            }
        }
    }

    /// As [`Self::wait`]; only the task that asked last is woken.
    pub(crate) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> Option<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            if let Some(found) = attempt() {
                return Poll::Ready(Ok(found));
            }
            if self.is_readable() {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            ready!(self.0.poll_read_ready(context))?.clear_ready();
        }
    }

    /// Whether the descriptor shows something after all. What has just come is a change that will be told; but what could not
    /// be had for want of descriptors or memory shows all the time, and nobody would tell of it again.
    fn is_readable(&self) -> bool {
        let mut descriptor = [PollFd::new(self.0.get_ref().as_fd(), PollFlags::POLLIN)];
        poll(&mut descriptor, PollTimeout::ZERO).is_ok_and(|count| count > 0)
    }
}
