//! The processes that clients are of.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use mach_ports::dispatch::ExitEvent;
use mach_ports::{Message, SendOptions, SendRight};
use parking_lot::Mutex;

/// As many processes are watched before those that have nothing are let go for the first time.
const MANY: usize = 256;

/// Watches of processes, which are kept for the next lock of the same process.
pub(super) struct Processes {
    watched: HashMap<i32, Watch>,
    inbox: Arc<Inbox>,
    next: u64,
    /// With so many, those that have nothing are let go.
    many: usize,
}

struct Watch {
    number: u64,
    exit: ExitEvent,
}

/// Exits that the service has not been told of. The events are called on a queue that must not wait for the service.
pub(super) struct Inbox {
    ended: Mutex<Vec<(i32, u64)>>,
    /// Wakes the service's thread.
    wake: SendRight,
}

impl Inbox {
    pub(super) fn new(wake: SendRight) -> Self {
        Self {
            ended: Mutex::default(),
            wake,
        }
    }

    pub(super) fn wake(&self) {
        // A full queue wakes it as well.
        let options = SendOptions::new().timeout(std::time::Duration::ZERO);
        let _ = Message::new(0).send(&self.wake, &options);
    }

    fn push(&self, pid: i32, number: u64) {
        self.ended.lock().push((pid, number));
        self.wake();
    }
}

/// Whether a process is watched.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// It is, or there is nothing to watch.
    Yes,
    /// The process that had this id has ended; this one is watched.
    Anew,
}

impl Processes {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            watched: HashMap::new(),
            inbox,
            next: 0,
            many: MANY,
        }
    }

    /// Whether there can be news of a process's end: it is another one, and in sight.
    pub(super) fn can_watch(pid: i32) -> bool {
        pid > 0 && pid.cast_unsigned() != std::process::id()
    }

    /// Watches a process, if it can be. Its port's end is told in any case.
    pub(super) fn watch(&mut self, pid: i32, used: impl FnOnce() -> HashSet<i32>) -> Watched {
        let known = self.watched.get(&pid);
        if !Self::can_watch(pid) || known.is_some_and(|watch| !watch.exit.has_occurred()) {
            return Watched::Yes;
        }
        let before = self.watched.remove(&pid);
        if self.watched.len() >= self.many {
            let used = used();
            self.watched.retain(|pid, _| used.contains(pid));
            self.many = MANY.max(2 * self.watched.len());
        }
        match ExitEvent::watch(pid) {
            Ok(exit) => {
                self.next += 1;
                let (inbox, number) = (Arc::clone(&self.inbox), self.next);
                exit.notify(move || inbox.push(pid, number));
                self.watched.insert(pid, Watch { number, exit });
            }
            Err(error) => tracing::warn!(pid, %error, "a client's process is not watched"),
        }
        if before.is_some() {
            Watched::Anew
        } else {
            Watched::Yes
        }
    }

    /// The processes that have ended since this was asked.
    pub(super) fn take_ended(&mut self) -> Vec<i32> {
        let mut ended = std::mem::take(&mut *self.inbox.ended.lock());
        ended.retain(|(pid, number)| {
            let is_it = |watch: &Watch| watch.number == *number;
            self.watched.get(pid).is_some_and(is_it)
        });
        for (pid, _) in &ended {
            self.watched.remove(pid);
        }
        ended.into_iter().map(|(pid, _)| pid).collect()
    }
}
