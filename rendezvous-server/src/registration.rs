use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use mach_ports::SendError;
use parking_lot::{Condvar, Mutex};
use rendezvous_protocol::{Unmet, text};

use crate::shared::Shared;
use crate::table::Serial;

/// What became of a registered collection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Rendezvous {
    /// The process has not asked yet.
    Pending,
    /// The process asked and the ports were sent to it.
    Acquired,
    /// The process exited without having asked; the ports are released.
    ExitedFirst,
    /// The process asked and did not get the ports; they are released.
    Refused(Refusal),
}

impl Rendezvous {
    /// Whether this is final.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Pending)
    }
}

/// Why a process did not get its ports.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The process is not what the collection demands.
    #[error("the process does not meet the requirement")]
    Requirement(#[source] Unmet),
    /// A port that was registered by name could not be copied or made: the
    /// owner of the name erred.
    #[error("the port under key {} is gone", text::key(*key))]
    PortGone {
        /// The port's key.
        key: u32,
        /// What the kernel answered.
        source: mach_ports::Error,
    },
    /// The reply could not be sent: the process gave up waiting, or is exiting.
    #[error("the reply could not be delivered")]
    Undelivered(#[source] Arc<SendError>),
    /// The server was dropped before the process asked.
    #[error("the server was stopped")]
    ServerStopped,
}

mach_ports::debug_with_causes!(Refusal);

/// Tells what becomes of one registered collection.
///
/// Clones watch the same one. Dropping them changes nothing.
#[derive(Debug, Clone)]
pub struct Registration {
    pid: i32,
    serial: Serial,
    outcome: Arc<Outcome>,
    server: Weak<Shared>,
}

#[derive(Debug)]
pub(crate) struct Outcome {
    state: Mutex<Rendezvous>,
    settled: Condvar,
    #[cfg(feature = "tokio")]
    tasks: tokio::sync::Notify,
}

impl Registration {
    pub(crate) fn new(
        pid: i32,
        serial: Serial,
        outcome: Arc<Outcome>,
        server: Weak<Shared>,
    ) -> Self {
        Self {
            pid,
            serial,
            outcome,
            server,
        }
    }

    /// The process that the collection is for.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// What has become of the collection so far.
    #[must_use]
    pub fn state(&self) -> Rendezvous {
        self.outcome.state.lock().clone()
    }

    /// Waits until the collection's fate is settled, for `timeout` at most.
    /// [`Rendezvous::Pending`] means that the time ran out.
    ///
    /// Nothing is settled while the server is locked: drop the guard first.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> Rendezvous {
        let mut state = self.outcome.state.lock();
        let pending = |state: &mut Rendezvous| !state.is_settled();
        self.outcome
            .settled
            .wait_while_for(&mut state, pending, timeout);
        state.clone()
    }

    /// Waits, as a task, until the collection's fate is settled. Any runtime will do;
    /// nothing changes if the future is dropped. It waits for as long as the process runs without
    /// asking.
    ///
    /// Nothing is settled while the server is locked: drop the guard first.
    #[cfg(feature = "tokio")]
    pub async fn settled(&self) -> Rendezvous {
        // Woken by a verdict from here on.
        let verdict = self.outcome.tasks.notified();
        let state = self.state();
        if state.is_settled() {
            return state;
        }
        verdict.await;
        self.state()
    }

    /// As [`Self::wait`], for who knows that the process has exited, having waited
    /// for it. Nothing need be noticed any more: what the process has not asked
    /// for is released, and the answer is final, unless the server stays locked
    /// for all of `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rendezvous_server::{PortCollection, Rendezvous, RendezvousServer};
    ///
    /// let server = RendezvousServer::unnamed()?;
    /// let mut guard = server.lock();
    /// let mut child = std::process::Command::new("true").spawn()?;
    /// let registration =
    ///     guard.register_spawned(child.id().cast_signed(), PortCollection::new())?;
    /// drop(guard);
    /// child.wait()?;
    /// let fate = registration.settle_exited(Duration::from_secs(60));
    /// assert!(matches!(fate, Rendezvous::ExitedFirst));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn settle_exited(&self, timeout: Duration) -> Rendezvous {
        let begun = Instant::now();
        if let Some(server) = self.server.upgrade() {
            server.expire_within(self.pid, self.serial, timeout);
        }
        // It may have been claimed, and be on its way.
        self.wait(timeout.saturating_sub(begun.elapsed()))
    }
}

impl Outcome {
    pub(crate) fn pending() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(Rendezvous::Pending),
            settled: Condvar::new(),
            #[cfg(feature = "tokio")]
            tasks: tokio::sync::Notify::new(),
        })
    }

    /// The first verdict stands.
    pub(crate) fn settle(&self, verdict: Rendezvous) {
        let mut state = self.state.lock();
        if !state.is_settled() {
            *state = verdict;
            self.settled.notify_all();
            drop(state);
            #[cfg(feature = "tokio")]
            self.tasks.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_verdict_stands() {
        let outcome = Outcome::pending();
        let registration = Registration::new(1, 0, outcome.clone(), Weak::new());
        assert!(matches!(
            registration.wait(Duration::ZERO),
            Rendezvous::Pending
        ));
        outcome.settle(Rendezvous::Acquired);
        outcome.settle(Rendezvous::ExitedFirst);
        assert!(matches!(registration.state(), Rendezvous::Acquired));
        assert!(matches!(
            registration.wait(Duration::MAX),
            Rendezvous::Acquired
        ));
    }

    #[test]
    fn a_waiter_is_woken() {
        let outcome = Outcome::pending();
        let registration = Registration::new(1, 0, outcome.clone(), Weak::new());
        let waiter = std::thread::spawn(move || registration.wait(Duration::from_secs(60)));
        outcome.settle(Rendezvous::ExitedFirst);
        assert!(matches!(waiter.join().unwrap(), Rendezvous::ExitedFirst));
    }
}
