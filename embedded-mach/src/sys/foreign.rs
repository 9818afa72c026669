//! Descriptors that strangers have to do with, and where they are closed.
//!
//! To close a descriptor can take for ever: a file system that somebody serves is asked, a connection lingers over what is
//! unsent, somebody watches the file with an epoll instance that is busy, and the queue of a socket holds descriptors of
//! which all of this is true. So such a descriptor is closed by threads that have nothing else to do, unless it is known that
//! nothing of the kind can happen. Who gives it up waits a moment, for others are to see it closed, and then goes on. No other
//! type of this crate holds what has come from another task.

use std::cell::RefCell;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};
use std::time::Instant;

use super::aside::{self, Teller};
use super::crew::{Crew, Job, State};
use super::pen::{self, Pen, Put};
use super::unclosed::{self, Unclosed};
use super::{memory, numbers, seam, socket};

/// How many closings may be stuck before others wait for them.
const MOST_STUCK: usize = 16;

static CLOSERS: Crew<Closing> = Crew::new("mach-close", MOST_STUCK);

/// What is to be closed.
#[derive(Debug)]
enum Closing {
    /// A descriptor, for as long as it is not closed, and who waits for that.
    One(OwnedFd, Unclosed, Teller<()>),
    /// Those for which there was no thread.
    All(Pen),
}

impl Job for Closing {
    type Done = Option<Teller<()>>;
    type Late = ();

    fn run(self) -> Option<Teller<()>> {
        match self {
            Self::One(fd, unclosed, teller) => {
                teller.begin();
                seam::foreign_call(fd.as_fd(), "close");
                drop(fd);
                drop(unclosed);
                Some(teller)
            }
            Self::All(pen) => {
                drop(pen);
                None
            }
        }
    }

    fn tell(done: Option<Teller<()>>) -> Option<()> {
        done.map_or(Some(()), |teller| teller.tell(()))
    }

    fn late((): ()) {}
}

impl Closing {
    /// In a forked child: what is left to be closed.
    fn left(self) -> Option<OwnedFd> {
        match self {
            Self::One(fd, ..) => Some(fd),
            // The parent has its queue, too.
            Self::All(_) => None,
        }
    }
}

/// Closes a descriptor by a thread, or leaves it to be closed when one is free.
fn close_aside(fd: OwnedFd, sender: i32) {
    let mut fd = fd;
    if CLOSERS.is_at_a_stand() {
        match pen::put(fd) {
            Put::Done => return,
            Put::Begun(pen) => {
                CLOSERS.give(Closing::All(pen));
                return CLOSERS.is_stuck();
            }
            Put::Refused(back) => fd = back,
        }
    }
    let (asker, teller) = aside::call();
    let begins = CLOSERS.give(Closing::One(fd, Unclosed::of(sender), teller));
    // If it is held up it goes on by itself.
    let _ = asker.wait(&CLOSERS, begins);
}

/// This is a forked child that gives up what its parent has.
static ABANDONING: AtomicBool = AtomicBool::new(false);

thread_local! {
    static HELD_OVER_FORK: RefCell<Option<MutexGuard<'static, State<Closing>>>> = const { RefCell::new(None) };
}

/// A descriptor that a stranger made, shares, or sends to.
#[derive(Debug)]
pub(crate) struct Foreign {
    fd: ManuallyDrop<OwnedFd>,
    /// This task made it, and had it to itself so far.
    own: bool,
    /// It was passed to another task.
    given: AtomicBool,
    /// There has been another descriptor of it here.
    copied: AtomicBool,
    /// The number of the process that has sent it, 0 if none has.
    sender: i32,
}

impl Foreign {
    /// What has come from another task, or from the program.
    pub(crate) fn arrived(fd: OwnedFd) -> Self {
        Self::new(fd, false)
    }

    /// A connected socket that this task has made: strangers have its other side at most.
    pub(crate) fn own_end(fd: OwnedFd) -> Self {
        Self::new(fd, true)
    }

    fn new(fd: OwnedFd, own: bool) -> Self {
        Self {
            fd: ManuallyDrop::new(fd),
            own,
            given: AtomicBool::new(false),
            copied: AtomicBool::new(false),
            sender: 0,
        }
    }

    /// Gives it a number that is in nobody's way: see [`numbers`]. It stays for long, and is a socket.
    pub(crate) fn out_of_the_way(mut self) -> Self {
        // SAFETY: what is put in its place on the next line is the same descriptor or another one of the same file, and
        // nothing between the two can panic.
        let fd = unsafe { ManuallyDrop::take(&mut self.fd) };
        self.fd = ManuallyDrop::new(numbers::out_of_the_way(fd));
        self
    }

    /// Notes which process has sent it, and so is charged for it while it is being closed.
    pub(crate) fn sent_by(&mut self, number: i32) {
        self.sender = number;
    }

    /// Whether this task made it and has not passed it to another: no call on it can be held up.
    pub(crate) fn is_own(&self) -> bool {
        self.own && !self.given.load(Ordering::Relaxed)
    }

    /// Makes a call that somebody may hold up.
    pub(crate) fn make_call<T>(
        &self,
        what: &'static str,
        call: impl FnOnce(BorrowedFd<'_>) -> T,
    ) -> T {
        seam::foreign_call(self.as_fd(), what);
        call(self.as_fd())
    }

    /// Notes that it was passed to another task.
    pub(crate) fn give_away(&self) {
        self.given.store(true, Ordering::Relaxed);
    }

    /// A further descriptor of the same open file.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        let mut copy = Self::new(self.fd.try_clone()?, self.own);
        copy.sender = self.sender;
        self.copied.store(true, Ordering::Relaxed);
        copy.copied.store(true, Ordering::Relaxed);
        if self.given.load(Ordering::Relaxed) {
            copy.give_away();
        }
        Ok(copy)
    }

    /// As memory, which nobody can keep from being closed. `None`, and closed, if it is something else.
    pub(crate) fn into_memory(self) -> Option<OwnedFd> {
        memory::is_any(self.as_fd()).then(|| self.into_plain())
    }

    /// As a descriptor that is closed by whoever has it: for the program, which does with it what it likes.
    pub(crate) fn into_plain(self) -> OwnedFd {
        let mut all = ManuallyDrop::new(self);
        // SAFETY: `all` is not dropped, so that the descriptor is taken out of it once only.
        unsafe { ManuallyDrop::take(&mut all.fd) }
    }

    /// In a forked child: closes this process's copy, where threads that shared it do not exist and will not.
    pub(crate) fn abandon(shared: Arc<Self>) {
        super::fork::close_for_good(shared);
    }
}

impl AsFd for Foreign {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // SAFETY: the value goes, so that the descriptor is taken out of it once only.
        let fd = unsafe { ManuallyDrop::take(&mut self.fd) };
        if ABANDONING.load(Ordering::Relaxed) {
            return abandon(fd);
        }
        let harmless = if !self.own {
            memory::is_any(fd.as_fd())
        } else if self.given.load(Ordering::Relaxed) {
            // The other task has it, or it is on its way there: this is not the last descriptor.
            true
        } else {
            !self.copied.load(Ordering::Relaxed) && socket::is_empty_for_good(fd.as_fd())
        };
        if harmless {
            drop(fd);
        } else {
            close_aside(fd, self.sender);
        }
    }
}

/// In a forked child: a socket or memory has other descriptors in the parent. Of all else nothing is known, and it stays until
/// this process has something to close by itself.
fn abandon(fd: OwnedFd) {
    if socket::is_local(fd.as_fd()) || memory::is_any(fd.as_fd()) {
        drop(fd);
    } else {
        HELD_OVER_FORK.with(|held| {
            if let Some(state) = &mut *held.borrow_mut() {
                state.put_back(Closing::One(fd, Unclosed::of(0), aside::call().1));
            }
        });
    }
}

/// Waits until all descriptors that were given up have been closed, until a deadline: whether they have.
pub(crate) fn wait_until_closed(deadline: Instant) -> bool {
    CLOSERS.wait_until_idle(deadline)
}

/// Keeps closings from beginning while the process is copied.
pub(crate) fn before_fork() {
    HELD_OVER_FORK.with(|held| *held.borrow_mut() = Some(CLOSERS.hold()));
    pen::before_fork();
    unclosed::before_fork();
}

pub(crate) fn after_fork_in_parent() {
    unclosed::after_fork_in_parent();
    pen::after_fork_in_parent();
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}

/// In a forked child: `give_up` drops what the parent has.
pub(crate) fn after_fork_in_child(give_up: impl FnOnce()) {
    unclosed::after_fork_in_child();
    pen::after_fork_in_child();
    let left: Vec<OwnedFd> = HELD_OVER_FORK.with(|held| {
        let mut held = held.borrow_mut();
        held.as_mut()
            .map(|state| state.after_fork().filter_map(Closing::left).collect())
            .unwrap_or_default()
    });
    ABANDONING.store(true, Ordering::Relaxed);
    left.into_iter().for_each(abandon);
    give_up();
    ABANDONING.store(false, Ordering::Relaxed);
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}
