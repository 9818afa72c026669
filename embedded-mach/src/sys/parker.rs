//! Blocking a thread until another wakes it, one of some descriptors is ready, a deadline passes or a signal arrives.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;

/// A descriptor that a thread can wait on while others may give it up.
pub(crate) type Waitable = Arc<dyn AsFd + Send + Sync>;

/// How one wait of a thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Woken, or a descriptor became ready: look again.
    Again,
    /// The deadline passed.
    TimedOut,
    /// A signal handler ran.
    Interrupted,
}

/// The means to wake one thread. Copies wake the same thread.
#[derive(Clone, Debug)]
pub(crate) struct Parker(Arc<EventFd>);

impl Parker {
    pub(crate) fn new() -> Result<Self, Errno> {
        let event =
            EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self(Arc::new(event)))
    }

    /// Ends the present or the next wait of the thread.
    pub(crate) fn wake(&self) {
        // The counter is far from its maximum, where alone a write could fail: a wait empties it.
        let _ = self.0.write(1);
    }

    /// Whether both wake the same thread.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Forgets a wake that nobody has waited for.
    pub(crate) fn forget_wake(&self) {
        let _ = self.0.read();
    }

    /// Whether this has been woken, or `watched` has something now. Such a wake is over with that.
    pub(crate) fn look(&self, watched: Option<(&Waitable, PollFlags)>) -> bool {
        self.poll(watched, Some(TimeSpec::new(0, 0))) == Woken::Again
    }

    /// Waits until woken, `watched` has something, the deadline passes (`None`: never) or a signal handler ran.
    pub(crate) fn wait(
        &self,
        watched: Option<(&Waitable, PollFlags)>,
        deadline: Option<Instant>,
    ) -> Woken {
        let timeout = deadline
            .map(|at| TimeSpec::from_duration(at.saturating_duration_since(Instant::now())));
        self.poll(watched, timeout)
    }

    fn poll(&self, watched: Option<(&Waitable, PollFlags)>, timeout: Option<TimeSpec>) -> Woken {
        let own = || PollFd::new(self.0.as_fd(), PollFlags::POLLIN);
        let mut fds = [own(), own()];
        let mut count = 1;
        if let Some((fd, flags)) = watched {
            fds[1] = PollFd::new(fd.as_fd(), flags);
            count = 2;
        }
        let outcome = ppoll(&mut fds[..count], timeout, None);
        let woken = fds[0].any().unwrap_or(false);
        if woken {
            self.forget_wake();
        }
        match outcome {
            Ok(0) => Woken::TimedOut,
            Err(Errno::EINTR) => Woken::Interrupted,
            // An error other than a signal cannot be waited out; looking again finds its cause.
            Ok(_) | Err(_) => Woken::Again,
        }
    }
}

impl AsFd for Parker {
    /// Readable while a wake has not been waited for.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_wake_before_the_wait_is_not_lost() {
        let parker = Parker::new().unwrap();
        parker.wake();
        assert_eq!(parker.wait(None, None), Woken::Again);
        assert!(!parker.look(None));
        parker.wake();
        assert!(parker.look(None) && !parker.look(None));
        let soon = Instant::now() + Duration::from_millis(5);
        assert_eq!(parker.wait(None, Some(soon)), Woken::TimedOut);
    }

    #[test]
    fn another_thread_wakes() {
        let parker = Parker::new().unwrap();
        let other = parker.clone();
        let thread = std::thread::spawn(move || other.wake());
        assert_eq!(parker.wait(None, None), Woken::Again);
        thread.join().unwrap();
    }
}
