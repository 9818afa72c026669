//! What a queue's one thread does: closures that it was given, and the sources whose descriptors are readable.
//!
//! It waits for both by itself, so that no other thread stands between a message and its handler.

use std::collections::{HashMap, VecDeque};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use parking_lot::Mutex;

use crate::dispatch::DispatchError;
use crate::sys::Job;

/// What is called while a descriptor is readable.
pub(super) type Ready = Arc<dyn Fn() + Send + Sync>;

pub(super) struct Runner {
    epoll: Epoll,
    /// Readable when there is something else to do than to wait.
    bell: EventFd,
    jobs: Mutex<VecDeque<Job>>,
    watches: Mutex<Watches>,
    /// Nobody can give it anything any more.
    is_left: AtomicBool,
    /// The process that the thread is in. One that is forked from it has the same epoll instance and bell, and none of
    /// the thread: it must leave both alone, and the locks that the thread may have held.
    process: u32,
}

#[derive(Default)]
struct Watches {
    by_token: HashMap<u64, Ready>,
    last_token: u64,
}

/// What the epoll instance knows a descriptor by. Never used twice, so a late event of a removed one finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u64);

/// The bell's.
const BELL: Token = Token(0);

/// How long the thread waits before it calls again what failed for want of something.
const PAUSE: Duration = Duration::from_millis(1);

/// Whether a wait that failed says nothing of what is waited for.
fn is_passing(errno: Errno) -> bool {
    !matches!(
        errno,
        Errno::EBADF | Errno::EINVAL | Errno::EFAULT | Errno::ENOSYS | Errno::EPERM
    )
}

impl Runner {
    pub(super) fn new() -> Result<Self, DispatchError> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)
            .map_err(|errno| system("epoll_create1", errno))?;
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let bell = EventFd::from_flags(flags).map_err(|errno| system("eventfd", errno))?;
        epoll
            .add(&bell, EpollEvent::new(EpollFlags::EPOLLIN, BELL.0))
            .map_err(|errno| system("epoll_ctl", errno))?;
        Ok(Self {
            epoll,
            bell,
            jobs: Mutex::default(),
            watches: Mutex::default(),
            is_left: AtomicBool::new(false),
            process: std::process::id(),
        })
    }

    /// Has the thread run this after all that it was given before.
    pub(super) fn give(&self, job: Job) {
        if self.is_inherited() {
            return;
        }
        self.jobs.lock().push_back(job);
        self.ring();
    }

    /// Has the thread end once it has run everything.
    pub(super) fn leave(&self) {
        if !self.is_inherited() {
            self.is_left.store(true, Ordering::Release);
            self.ring();
        }
    }

    fn is_inherited(&self) -> bool {
        std::process::id() != self.process
    }

    fn ring(&self) {
        // It fails only if it has been rung more often than can be counted, and then it is readable.
        let _ = self.bell.write(1);
    }

    /// A token for a descriptor to come.
    pub(super) fn token(&self) -> Token {
        let mut watches = self.watches.lock();
        watches.last_token += 1;
        Token(watches.last_token)
    }

    /// Begins to watch: `ready` is called on the thread as long as the descriptor is readable, or once.
    pub(super) fn add(
        &self,
        descriptor: impl AsFd,
        token: Token,
        once: bool,
        ready: Ready,
    ) -> Result<(), DispatchError> {
        let mut flags = EpollFlags::EPOLLIN;
        flags.set(EpollFlags::EPOLLONESHOT, once);
        self.watches.lock().by_token.insert(token.0, ready);
        self.epoll
            .add(descriptor, EpollEvent::new(flags, token.0))
            .map_err(|errno| {
                self.watches.lock().by_token.remove(&token.0);
                system("epoll_ctl", errno)
            })
    }

    /// Ends the watching. An event that has been taken up already may still come.
    pub(super) fn remove(&self, descriptor: impl AsFd, token: Token) {
        if self.is_inherited() {
            return;
        }
        let removed = self.watches.lock().by_token.remove(&token.0);
        if let Err(errno) = self.epoll.delete(descriptor) {
            tracing::error!(%errno, "a dispatch source could not be removed");
        }
        // What it owns may be the last to own something else.
        drop(removed);
    }

    /// The thread.
    pub(super) fn run(&self) {
        let mut events = [EpollEvent::empty(); 64];
        loop {
            self.run_jobs();
            if self.is_left.load(Ordering::Acquire) && self.jobs.lock().is_empty() {
                return;
            }
            match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Ok(count) => {
                    for event in events.iter().take(count) {
                        self.take_up(Token(event.data()));
                    }
                }
                Err(Errno::EINTR) => {}
                Err(errno) if is_passing(errno) => {
                    tracing::debug!(%errno, "epoll_wait failed, and is called again");
                    thread::sleep(PAUSE);
                }
                // Somebody has closed the descriptor, or put another one in its place.
                Err(errno) => {
                    let thread = thread::current();
                    let queue = thread.name().unwrap_or_default();
                    tracing::error!(%errno, queue, "a dispatch queue has stopped: epoll_wait failed");
                    return;
                }
            }
        }
    }

    fn run_jobs(&self) {
        loop {
            // Not locked while it runs: it may give others.
            let job = self.jobs.lock().pop_front();
            match job {
                Some(job) => job(),
                None => return,
            }
        }
    }

    fn take_up(&self, token: Token) {
        if token == BELL {
            // Nobody else reads it. What there is to do is looked for afterwards.
            let _ = self.bell.read();
            return;
        }
        let ready = self.watches.lock().by_token.get(&token.0).cloned();
        if let Some(ready) = ready {
            ready();
        }
    }
}

pub(super) fn system(call: &'static str, errno: Errno) -> DispatchError {
    DispatchError::System {
        call,
        source: errno.into(),
    }
}
