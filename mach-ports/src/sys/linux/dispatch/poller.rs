//! The one thread that waits for every source's descriptor.

use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::{Arc, LazyLock};
use std::thread;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use parking_lot::Mutex;

use crate::dispatch::DispatchError;
use crate::sys::linux::dispatch::source::Watch;

/// Tells watches that their descriptors are readable, each once until it is armed again. It only hands work to
/// their queues, so no handler can hold it up.
pub(super) struct Poller {
    epoll: Epoll,
    watches: Mutex<Watches>,
}

#[derive(Default)]
struct Watches {
    by_token: HashMap<u64, Arc<Watch>>,
    last_token: u64,
}

/// What the epoll instance knows a watch by. Never used twice, so a late event of a removed watch finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u64);

impl Poller {
    /// The process's poller, started at first use. It stays for as long as the process does.
    pub(super) fn get() -> Result<Arc<Self>, DispatchError> {
        static POLLER: LazyLock<Mutex<Option<Arc<Poller>>>> = LazyLock::new(Mutex::default);
        let mut poller = POLLER.lock();
        if let Some(poller) = &*poller {
            return Ok(Arc::clone(poller));
        }
        let new = Arc::new(Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)
                .map_err(|errno| system("epoll_create1", errno))?,
            watches: Mutex::default(),
        });
        let runner = Arc::clone(&new);
        thread::Builder::new()
            .name("mach-sources".to_owned())
            .spawn(move || runner.run())
            .map_err(|source| DispatchError::System {
                call: "pthread_create",
                source,
            })?;
        Ok(Arc::clone(poller.insert(new)))
    }

    /// A token for a watch to come.
    pub(super) fn token(&self) -> Token {
        let mut watches = self.watches.lock();
        watches.last_token += 1;
        Token(watches.last_token)
    }

    /// Begins to watch. Events can come at once.
    pub(super) fn add(
        &self,
        descriptor: impl AsFd,
        token: Token,
        watch: Arc<Watch>,
    ) -> Result<(), DispatchError> {
        self.watches.lock().by_token.insert(token.0, watch);
        self.epoll.add(descriptor, event(token)).map_err(|errno| {
            self.watches.lock().by_token.remove(&token.0);
            system("epoll_ctl", errno)
        })
    }

    /// Makes the next event possible. If the descriptor is readable already, that is one.
    pub(super) fn arm(&self, descriptor: impl AsFd, token: Token) {
        match self.epoll.modify(descriptor, &mut event(token)) {
            // It has been removed in the meantime.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => tracing::error!(%errno, "a dispatch source could not be armed again"),
        }
    }

    /// Ends the watching. An event that has been taken up already may still come.
    pub(super) fn remove(&self, descriptor: impl AsFd, token: Token) {
        self.watches.lock().by_token.remove(&token.0);
        if let Err(errno) = self.epoll.delete(descriptor) {
            tracing::error!(%errno, "a dispatch source could not be removed");
        }
    }

    fn run(&self) {
        let mut events = [EpollEvent::empty(); 64];
        loop {
            match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Ok(count) => {
                    for event in events.iter().take(count) {
                        let watch = self.watches.lock().by_token.get(&event.data()).cloned();
                        if let Some(watch) = watch {
                            Watch::fire(&watch);
                        }
                    }
                }
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    tracing::error!(%errno, "dispatch sources have stopped: epoll_wait failed");
                    return;
                }
            }
        }
    }
}

fn event(token: Token) -> EpollEvent {
    EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT, token.0)
}

pub(super) fn system(call: &'static str, errno: Errno) -> DispatchError {
    DispatchError::System {
        call,
        source: errno.into(),
    }
}
