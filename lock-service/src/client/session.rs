//! A session, and the locks in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mach_interface::CallError;
use mach_ports::{ReceiveRight, SendRight};

use crate::client::error::{LockError, granted};
use crate::client::events::{LONGEST_QUEUE, LockEvents};
use crate::client::options::{LockOptions, lease_ms};
use crate::client::{PATIENCE, status_of_drop};
use crate::resource::Resource;
use crate::server::NO_ACCESS;
use crate::state::{Previous, Snapshot, Wait};
use crate::wire::{LockSessionClient, LocksClient};

/// A client of a lock service. Its locks end with it and with its process. A clone is the same one.
#[derive(Debug, Clone)]
pub struct LockClient(pub(super) Arc<Session>);

#[derive(Debug)]
pub(super) struct Session {
    service: LocksClient,
    /// Calls that need no waiting. A right is cloned at the price of a look at whether it lives.
    calls: LockSessionClient,
    /// Calls that wait for ever.
    patient: LockSessionClient,
    /// Calls of tasks, which wait for ever.
    #[cfg(feature = "tokio")]
    pub(super) tasks: crate::wire::LockSessionAsyncClient,
    last: AtomicU64,
    /// Its end is the session's.
    _port: ReceiveRight,
}

impl LockClient {
    /// Opens a session with the service that a right leads to.
    ///
    /// # Errors
    ///
    /// The service is for another user, is gone, or does not answer within 30 seconds.
    pub fn open(service: SendRight) -> Result<Self, LockError> {
        let service = LocksClient::new(service).with_timeout(PATIENCE);
        let port = ReceiveRight::new()?;
        let answer = service.open(&port)?;
        Self::of(service, port, answer)
    }

    /// The session that a service has opened for a port.
    pub(super) fn of(
        service: LocksClient,
        port: ReceiveRight,
        (status, session): (i32, Option<SendRight>),
    ) -> Result<Self, LockError> {
        granted(status)?;
        let session = session.ok_or(LockError::Call(CallError::ServerDied))?;
        Ok(Self(Arc::new(Session {
            service,
            calls: LockSessionClient::new(session.try_clone()?).with_timeout(PATIENCE),
            #[cfg(feature = "tokio")]
            tasks: crate::wire::LockSessionAsyncClient::new(session.try_clone()?),
            patient: LockSessionClient::new(session),
            _port: port,
            last: AtomicU64::new(0),
        })))
    }

    /// Locks a resource.
    ///
    /// # Errors
    ///
    /// [`LockError::Busy`] or [`LockError::TimedOut`], as the options say; the service is gone; or the resource is a volume,
    /// which can have further reasons. No lock is left.
    pub fn lock(&self, resource: &Resource, options: &LockOptions) -> Result<LockGuard, LockError> {
        let limited;
        let calls = match options.wait {
            Wait::Try => &self.0.calls,
            Wait::Forever => &self.0.patient,
            Wait::For(_) => {
                limited = self.0.patient.clone().with_timeout(options.patience());
                &limited
            }
        };
        let token = self.0.new_token();
        let (kind, bytes) = resource.to_wire();
        let (shared, wait_ms, lease_ms) = options.to_wire();
        match calls.acquire(token, kind, bytes, shared, wait_ms, lease_ms) {
            Ok(answer) => self.guard(token, answer),
            Err(error) => {
                // It may be granted yet: nobody would know.
                self.0.release(token, 0).ok();
                Err(error.into())
            }
        }
    }

    /// The lock with a number, by the answer to the request for it.
    pub(super) fn guard(
        &self,
        token: u64,
        (status, previous): (i32, u32),
    ) -> Result<LockGuard, LockError> {
        granted(status)?;
        Ok(LockGuard {
            session: Arc::clone(&self.0),
            token,
            previous: match previous {
                1 => Previous::Died,
                2 => Previous::Expired,
                _ => Previous::Unlocked,
            },
            held: true,
        })
    }

    /// What happens to locks and volumes from now on. A client has one stream of events: a later one ends it.
    ///
    /// # Errors
    ///
    /// The service is gone, or does not answer within 30 seconds; this process is short of ports.
    pub fn observe(&self) -> Result<LockEvents, LockError> {
        let events = self.new_events()?;
        granted(self.0.calls.observe(events.port())?)?;
        Ok(events)
    }

    /// A stream that the service does not know of yet.
    pub(super) fn new_events(&self) -> Result<LockEvents, LockError> {
        let port = ReceiveRight::new()?;
        port.set_queue_limit(LONGEST_QUEUE)?;
        Ok(LockEvents::new(port, self.clone())?)
    }

    /// Everything that the service has locked.
    ///
    /// # Errors
    ///
    /// The service is for another user, is gone, or does not answer within 30 seconds.
    pub fn snapshot(&self) -> Result<Snapshot, LockError> {
        Self::snapshot_of(self.0.service.snapshot())
    }

    pub(super) fn snapshot_of(answer: Result<Snapshot, CallError>) -> Result<Snapshot, LockError> {
        match answer {
            Err(CallError::Failed(NO_ACCESS)) => Err(LockError::NotPermitted),
            other => Ok(other?),
        }
    }

    #[cfg(feature = "tokio")]
    pub(super) fn service(&self) -> &SendRight {
        self.0.service.right()
    }
}

impl Session {
    pub(super) fn new_token(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    #[cfg(feature = "tokio")]
    pub(super) fn right(&self) -> &SendRight {
        self.patient.right()
    }

    fn release(&self, token: u64, exit_status: i32) -> Result<(), LockError> {
        match granted(self.calls.release(token, exit_status)?) {
            Err(LockError::Unknown) => Err(LockError::NotHeld),
            other => other,
        }
    }
}

/// A lock that is held. Dropping it unlocks it, with exit status 0, or 70 if a panic drops it.
#[derive(Debug)]
#[must_use = "a guard that is dropped unlocks"]
pub struct LockGuard {
    pub(super) session: Arc<Session>,
    pub(super) token: u64,
    previous: Previous,
    pub(super) held: bool,
}

impl LockGuard {
    /// How the holder before ended its lock.
    #[must_use]
    pub const fn previous(&self) -> Previous {
        self.previous
    }

    /// Whether the holder before died: what the lock protects may be half done.
    #[must_use]
    pub fn previous_died(&self) -> bool {
        self.previous == Previous::Died
    }

    /// Begins a new lease, or holds the lock without end.
    ///
    /// # Errors
    ///
    /// [`LockError::NotHeld`]: the lease was over, or the volume is gone. The service is gone.
    pub fn renew(&self, lease: Option<Duration>) -> Result<(), LockError> {
        match granted(self.session.calls.renew(self.token, lease_ms(lease))?) {
            Err(LockError::Unknown) => Err(LockError::NotHeld),
            other => other,
        }
    }

    /// Has the lock last until another process has ended, too: if this one dies before, the other has it. What is done under
    /// the lock is safe then though its supervisor is killed. Have a child wait with its work until this has returned, and
    /// do not reap it before. The next call names another process instead.
    ///
    /// # Errors
    ///
    /// [`LockError::NotHeld`]: the lease was over, or the volume is gone. The service is gone, or cannot watch the process.
    pub fn keep_for(&self, pid: i32) -> Result<(), LockError> {
        match granted(self.session.calls.keep(self.token, pid)?) {
            Err(LockError::Unknown) => Err(LockError::NotHeld),
            other => other,
        }
    }

    /// Gives up the guard but not the lock, which lasts as long as its client, or its lease.
    pub fn leak(mut self) {
        self.held = false;
    }

    /// Unlocks, with the exit status of the work that was done.
    ///
    /// # Errors
    ///
    /// [`LockError::NotHeld`]: the lease was over, or the volume is gone. The service is gone, and the lock with it.
    pub fn unlock(mut self, exit_status: i32) -> Result<(), LockError> {
        self.held = false;
        self.session.release(self.token, exit_status)
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        if self.held
            && let Err(error) = self.session.release(self.token, status_of_drop())
        {
            tracing::warn!(%error, "a lock was not unlocked");
        }
    }
}
