//! The thread that notices what happens to other tasks' ports while nobody here is in a call about them.
//!
//! It exists from the first notification on that depends on another task: a dead-name or send-possible request on
//! its port, a no-senders request on a port that it can send to, or a wait for its semaphore. It also does what is due at a
//! time, and so exists from the first timer or alarm on.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::thread::Builder;

use crate::kernel::Kernel;
use crate::kernel::other_tasks::arrivals::PAUSE;
use crate::kernel::other_tasks::slots::BACK;
use crate::kernel::ports::ids::{BackKey, PortKey, key, number};
use crate::kernel::ports::port::{Home, OnceEnd};
use crate::kernel::time::schedule::DUE;
use crate::sys::signals;
use crate::sys::watch::Watch;

/// What the thread watches.
#[derive(Debug)]
pub(crate) struct Reaper {
    watch: Watch,
}

impl Reaper {
    fn start() -> std::io::Result<Self> {
        let watch = Watch::new()?;
        let watched = watch.clone();
        let thread = Builder::new().name("embedded-mach".into());
        // Calls that a signal is to interrupt are those of the program's own threads.
        signals::begin(thread, move || run(&watched))?;
        Ok(Self { watch })
    }
}

impl Reaper {
    /// In a forked child, where the thread does not exist.
    pub(crate) fn abandon(self) {
        self.watch.abandon();
    }
}

fn run(watch: &Watch) {
    loop {
        let events = watch.wait();
        if events.is_empty() {
            // No signal ends it: the wait itself is short of something.
            std::thread::sleep(PAUSE);
        }
        for event in events {
            // Not all is shown twice: what could not be read is looked for until it can be.
            while look_after(event) {
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// Acts on an event; whether that is to be done again, for want of something.
fn look_after(event: u64) -> bool {
    let mut kernel = crate::kernel::task::lock();
    if event == DUE {
        kernel.do_what_is_due();
        return false;
    }
    // Others look again for what they missed.
    kernel.arrivals.take_want();
    if event & BACK == 0 {
        kernel.look_after(key(event));
    } else {
        kernel.look_after_back(key(event & !BACK));
    }
    kernel.arrivals.take_want()
}

impl Kernel {
    fn reaper(&mut self) -> Option<&Reaper> {
        if self.reaper.is_none() {
            match Reaper::start() {
                Ok(reaper) => self.reaper = Some(reaper),
                Err(error) => tracing::warn!(%error, "no thread to watch other tasks' ports"),
            }
        }
        self.reaper.as_ref()
    }

    fn watch_with_reaper(&mut self, add: impl FnOnce(&Watch) -> std::io::Result<()>) {
        if let Some(reaper) = self.reaper()
            && let Err(error) = add(&reaper.watch)
        {
            tracing::warn!(%error, "a port of another task could not be watched");
        }
    }

    /// Watches for a time to come; whether that is possible.
    pub(crate) fn watch_for_time(&mut self, alarm: BorrowedFd<'_>, number: u64) -> bool {
        let added = self
            .reaper()
            .map(|reaper| reaper.watch.add_edge(alarm, number));
        added.is_some_and(|added| added.is_ok())
    }

    /// Watches a port of another task on behalf of the requests on its names.
    pub(crate) fn watch_outward(&mut self, port: PortKey) {
        let Some(watched) = self.port(port).filter(|port| !port.requests.is_empty()) else {
            return;
        };
        let Some(remote) = watched.remote() else {
            return;
        };
        let shared = remote.send.as_ref().map(|end| Arc::clone(&end.fd));
        let once = match (&shared, self.port(port).and_then(|port| port.remote())) {
            (None, Some(remote)) => remote.once.first().and_then(|end| match end {
                OnceEnd::Link { fd, .. } => Some(Arc::clone(fd)),
                OnceEnd::Slot { .. } => None,
            }),
            _ => None,
        };
        if let Some(fd) = shared {
            self.watch_with_reaper(|watch| watch.add_outward(fd.as_fd(), number(port)));
        } else if let Some(fd) = once {
            self.watch_with_reaper(|watch| watch.add_outward(fd.as_fd(), number(port)));
        }
    }

    pub(crate) fn unwatch_outward(&self, fd: BorrowedFd<'_>) {
        if let Some(reaper) = &self.reaper {
            reaper.watch.remove(fd);
        }
    }

    /// Watches for answers that are due, and for room to say something, as long as either is so.
    pub(crate) fn watch_back_for_end(&mut self, back: BackKey) {
        let Some(due) = self.due_of(back) else {
            return;
        };
        if due.answers {
            let key = BACK | number(back);
            self.watch_with_reaper(|watch| watch.add_edge(due.fd.as_fd(), key));
        } else {
            self.unwatch_outward(due.fd.as_fd());
        }
        // The thread watches a socket once only, be it for more than one reason.
        if due.room {
            let key = due.to.map_or(BACK | number(back), number);
            self.watch_with_reaper(|watch| watch.add_outward(due.out.as_fd(), key));
        } else {
            let requested = due.to.and_then(|to| self.port(to));
            if requested.is_none_or(|port| port.requests.is_empty()) {
                self.unwatch_outward(due.out.as_fd());
            }
        }
    }

    /// Watches the links of a port whose owner waits for the last sender to go.
    pub(crate) fn watch_for_no_senders(&mut self, port: PortKey) {
        let waits = |kernel: &Self| {
            kernel
                .local(port)
                .is_some_and(|local| local.no_senders.is_some())
        };
        if !waits(self) {
            return;
        }
        self.ensure_watch(port);
        let Some(fd) = self
            .local(port)
            .and_then(|local| local.watch.as_ref())
            .cloned()
        else {
            return;
        };
        self.watch_with_reaper(|watch| watch.add_edge(fd.as_fd(), number(port)));
    }

    /// Watches for the end of the process that made a semaphore.
    pub(crate) fn watch_maker(&mut self, port: PortKey, end: BorrowedFd<'_>) {
        self.watch_with_reaper(|watch| watch.add_edge(end, number(port)));
    }

    /// Something happened to a watched port.
    fn look_after(&mut self, port: PortKey) {
        match self.port(port).map(|port| &port.home) {
            Some(Home::Remote(_)) => {
                if let Some(back) = self.back_of(port) {
                    self.look_after_back(back);
                }
                self.check_alive(port);
                if !self.is_full(port) {
                    self.fire_send_possible(port);
                }
            }
            Some(Home::Local(_)) => {
                // A request is answered as a sender ends, and not because there is none: it may wait for the first.
                self.pump_all(port);
            }
            Some(Home::Kernel(_)) => self.maker_ended(port),
            _ => {}
        }
    }
}
