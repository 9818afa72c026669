//! A session, and the locks in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mach_interface::CallError;
use mach_ports::SendRight;

use crate::client::error::{LockError, granted};
use crate::client::options::{LockOptions, ms};
use crate::client::status_of_drop;
use crate::resource::Resource;
use crate::server::NO_ACCESS;
use crate::state::{Previous, Snapshot, Wait};
use crate::wire::{LockSessionClient, LocksClient};

/// How long the service may take for what needs no waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of a lock service. Its locks end with it and with its process. A clone is the same one.
#[derive(Debug, Clone)]
pub struct LockClient(Arc<Session>);

#[derive(Debug)]
struct Session {
    service: LocksClient,
    session: SendRight,
    last: AtomicU64,
}

impl LockClient {
    /// Opens a session with the service that a right leads to.
    ///
    /// # Errors
    ///
    /// The service is for another user, is gone, or does not answer within 30 seconds.
    pub fn open(service: SendRight) -> Result<Self, LockError> {
        let service = LocksClient::new(service).with_timeout(PATIENCE);
        let (status, session) = service.open()?;
        granted(status)?;
        let session = session.ok_or(LockError::Call(CallError::ServerDied))?;
        Ok(Self(Arc::new(Session {
            service,
            session,
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
        let token = self.0.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (wait_ms, patience) = match options.wait {
            Wait::Try => (0, Some(PATIENCE)),
            Wait::For(time) => {
                let ms = i64::try_from(ms(time)).unwrap_or(i64::MAX);
                (ms, time.checked_add(PATIENCE))
            }
            Wait::Forever => (-1, None),
        };
        let lease_ms = options.lease.map_or(0, |lease| ms(lease).max(1));
        let shared = options.mode == crate::state::Mode::Shared;
        let (kind, bytes) = resource.to_wire();
        let calls = self.0.calls(patience);
        let asked = calls.acquire(token, kind, bytes, shared, wait_ms, lease_ms);
        let (status, previous) = match asked {
            Ok(answer) => answer,
            Err(error) => {
                // It may be granted yet: nobody would know.
                self.0.release(token, 0).ok();
                return Err(error.into());
            }
        };
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

    /// Everything that the service has locked.
    ///
    /// # Errors
    ///
    /// The service is for another user, is gone, or does not answer within 30 seconds.
    pub fn snapshot(&self) -> Result<Snapshot, LockError> {
        match self.0.service.snapshot() {
            Err(CallError::Failed(NO_ACCESS)) => Err(LockError::NotPermitted),
            other => Ok(other?),
        }
    }
}

impl Session {
    fn calls(&self, patience: Option<Duration>) -> LockSessionClient {
        LockSessionClient::new(self.session.clone()).with_timeout(patience)
    }

    fn release(&self, token: u64, exit_status: i32) -> Result<(), LockError> {
        match granted(self.calls(Some(PATIENCE)).release(token, exit_status)?) {
            Err(LockError::Unknown) => Err(LockError::NotHeld),
            other => other,
        }
    }
}

/// A lock that is held. Dropping it unlocks it, with exit status 0, or 70 if a panic drops it.
#[derive(Debug)]
#[must_use = "a guard that is dropped unlocks"]
pub struct LockGuard {
    session: Arc<Session>,
    token: u64,
    previous: Previous,
    held: bool,
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
        let lease_ms = lease.map_or(0, |lease| ms(lease).max(1));
        let calls = self.session.calls(Some(PATIENCE));
        match granted(calls.renew(self.token, lease_ms)?) {
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
