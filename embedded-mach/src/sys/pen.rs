//! Where sockets are kept that nobody has a thread to close.
//!
//! What is in the queue of a socket has no number in this task's table of descriptors: so those that must wait are put into
//! one queue, and go when a thread closes that. A socket's descriptor that is not its last one is closed at once; of a file
//! system that somebody serves that is not so, and such files are not taken.

use std::cell::RefCell;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

use super::{limits, packet, socket};

/// The side by which they are put into the queue of the pen that is open.
static OPEN: Mutex<Option<Gate>> = Mutex::new(None);
/// How many there are in all pens. Those of one user are limited, and rights are sent by the same means.
static INSIDE: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
struct Gate {
    sending: OwnedFd,
    count: Arc<AtomicU32>,
}

/// A queue of sockets. They are closed when it is, which may take for ever.
#[derive(Debug)]
pub(super) struct Pen {
    _queue: OwnedFd,
    count: Arc<AtomicU32>,
}

impl Drop for Pen {
    fn drop(&mut self) {
        // The queue is closed after this, and nobody puts more into it.
        let _ = open().take_if(|gate| Arc::ptr_eq(&gate.count, &self.count));
        let count = self.count.load(Relaxed);
        // In a forked child the parent's pens do not count.
        let _ = INSIDE.fetch_update(Relaxed, Relaxed, |all| Some(all.saturating_sub(count)));
    }
}

/// What has come of putting a socket into a pen.
pub(super) enum Put {
    Done,
    /// It began a pen, which is to be closed as soon as that can be.
    Begun(Pen),
    /// It has to stay where it is.
    Refused(OwnedFd),
}

fn open() -> MutexGuard<'static, Option<Gate>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a socket out of the table of descriptors.
pub(super) fn put(fd: OwnedFd) -> Put {
    if !socket::is_any(fd.as_fd()) || INSIDE.load(Relaxed) >= limits::now() / 2 {
        return Put::Refused(fd);
    }
    let mut open = open();
    if open.as_ref().is_some_and(|gate| gate.take(&fd)) {
        return Put::Done;
    }
    // It is full, or was closed.
    *open = None;
    let Ok((queue, sending)) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    ) else {
        return Put::Refused(fd);
    };
    let count = Arc::new(AtomicU32::new(0));
    let gate = Gate {
        sending,
        count: Arc::clone(&count),
    };
    if !gate.take(&fd) {
        return Put::Refused(fd);
    }
    *open = Some(gate);
    Put::Begun(Pen {
        _queue: queue,
        count,
    })
}

impl Gate {
    fn take(&self, fd: &OwnedFd) -> bool {
        let taken = packet::send(self.sending.as_fd(), [b"x", b""], &[fd.as_fd()]).is_ok();
        if taken {
            self.count.fetch_add(1, Relaxed);
            INSIDE.fetch_add(1, Relaxed);
        }
        taken
    }
}

thread_local! {
    static HELD_OVER_FORK: RefCell<Option<MutexGuard<'static, Option<Gate>>>> = const { RefCell::new(None) };
}

/// Keeps the pen as it is while the process is copied.
pub(super) fn before_fork() {
    HELD_OVER_FORK.with(|held| *held.borrow_mut() = Some(open()));
}

pub(super) fn after_fork_in_parent() {
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}

/// In a forked child, which has its own pens: the parent's are only copies of descriptors here.
pub(super) fn after_fork_in_child() {
    let held = HELD_OVER_FORK.with(|held| held.borrow_mut().take());
    if let Some(mut open) = held {
        *open = None;
    }
    INSIDE.store(0, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_a_pen_has_no_descriptor_and_ends_with_it() {
        let (mut pens, mut others) = (Vec::new(), Vec::new());
        // Those of one user are limited, as is what other tests have open.
        for _ in 0..(limits::now() / 8).min(1000) {
            let (end, other) = socketpair(
                AddressFamily::Unix,
                SockType::SeqPacket,
                None,
                SockFlag::SOCK_CLOEXEC,
            )
            .unwrap();
            match put(end) {
                Put::Done => {}
                Put::Begun(pen) => pens.push(pen),
                Put::Refused(_) => panic!("a socket is taken"),
            }
            others.push(other);
        }
        assert!(pens.len() < 20, "{}", pens.len());
        let ended = |fd: &OwnedFd| packet::send(fd.as_fd(), [b"x", b""], &[]).is_err();
        assert!(!others.iter().any(ended));
        drop(pens);
        assert!(others.iter().all(ended));
        let memory = crate::sys::memory::shareable(4096).unwrap();
        assert!(matches!(put(memory), Put::Refused(_)));
    }
}
