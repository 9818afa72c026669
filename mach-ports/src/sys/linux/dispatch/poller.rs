//! The one thread that waits for every source's descriptor.

use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::{Arc, LazyLock};
use std::thread;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use parking_lot::Mutex;

use crate::dispatch::DispatchError;

/// Called when a descriptor is readable. It only hands work to a queue, so that none holds up the others.
pub(super) type Ready = Arc<dyn Fn() + Send + Sync>;

/// Tells that descriptors are readable, of each once until it is armed again.
pub(super) struct Poller {
    epoll: Epoll,
    watches: Mutex<Watches>,
}

#[derive(Default)]
struct Watches {
    by_token: HashMap<u64, Ready>,
    last_token: u64,
}

/// What the epoll instance knows a descriptor by. Never used twice, so a late event of a removed one finds nobody.
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

    /// A token for a descriptor to come.
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
        ready: Ready,
    ) -> Result<(), DispatchError> {
        self.watches.lock().by_token.insert(token.0, ready);
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
                        let ready = self.watches.lock().by_token.get(&event.data()).cloned();
                        if let Some(ready) = ready {
                            ready();
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
