//! Volumes, by the interface that programs in C know.

use std::ffi::CString;
use std::time::Duration;

use mach_interface::CallError;
use mach_ports::{ReceiveRight, ReturnCode, SendRight};
use uuid::Uuid;

use crate::client::error::{LockError, granted};
use crate::client::{PATIENCE, status_of_drop};
use crate::state::Wait;
use crate::status::Status;
use crate::wire::VolumeLocksClient;

/// What an unlock fails with.
const FAILURE: ReturnCode = ReturnCode::new(5);

/// A client that locks volumes. Each of its locks has a port of its own, and ends with it.
#[derive(Debug, Clone)]
pub struct VolumeClient(pub(super) SendRight);

/// The word that says whether to wait, and how long the reply may take.
pub(super) fn words(wait: Wait) -> (i32, Option<Duration>) {
    match wait {
        Wait::Try => (0, Some(PATIENCE)),
        Wait::For(time) => (1, Some(time)),
        Wait::Forever => (1, None),
    }
}

/// What an unlock came to.
pub(super) fn unlocked(answer: Result<(), CallError>) -> Result<(), LockError> {
    match answer {
        Err(CallError::Failed(FAILURE)) => Err(LockError::NotHeld),
        other => Ok(other?),
    }
}

/// No reply in time is the end of a wait.
pub(super) fn waited(error: CallError, wait: Wait) -> LockError {
    match (error, wait) {
        (CallError::NoReplyInTime, Wait::For(_)) => LockError::TimedOut,
        (error, _) => error.into(),
    }
}

impl VolumeClient {
    /// A client of the service that a right leads to.
    #[must_use]
    pub const fn new(service: SendRight) -> Self {
        Self(service)
    }

    fn calls(&self, patience: Option<Duration>) -> VolumeLocksClient {
        VolumeLocksClient::new(self.0.clone()).with_timeout(patience)
    }

    /// Locks a volume.
    ///
    /// # Errors
    ///
    /// In the order in which they are looked for: [`LockError::NotPermitted`], [`LockError::NotReady`],
    /// [`LockError::ShuttingDown`], [`LockError::Unknown`] (also if it disappears during the wait), [`LockError::Busy`] or
    /// [`LockError::TimedOut`]. Or the service is gone.
    pub fn lock(&self, volume: Uuid, wait: Wait) -> Result<VolumeGuard, LockError> {
        // Whatever goes wrong, the port's end takes the lock and the wait with it.
        let port = ReceiveRight::new()?;
        let (word, patience) = words(wait);
        let asked = self
            .calls(patience)
            .lock_volume(Some(&port), volume.into_bytes(), word);
        self.guard(volume, port, asked.map_err(|error| waited(error, wait))?)
    }

    pub(super) fn guard(
        &self,
        volume: Uuid,
        port: ReceiveRight,
        status: i32,
    ) -> Result<VolumeGuard, LockError> {
        granted(status)?;
        Ok(VolumeGuard {
            client: self.clone(),
            volume,
            port: Some(port),
        })
    }

    /// Takes the lock that keeps all volumes from being locked, for as long as the guard lives.
    ///
    /// # Errors
    ///
    /// [`LockError::NotPermitted`]; [`LockError::Already`] while somebody else holds it; [`LockError::Busy`] with the name of
    /// a volume that is locked or being rebuilt, also if somebody else waits already; [`LockError::TimedOut`]. Or the service
    /// is gone.
    pub fn lock_reboot(&self, wait: Wait) -> Result<RebootGuard, LockError> {
        let port = ReceiveRight::new()?;
        let (word, patience) = words(wait);
        let asked = self.calls(patience).lock_reboot(Some(&port), word);
        RebootGuard::of(port, asked.map_err(|error| waited(error, wait))?)
    }
}

impl RebootGuard {
    pub(super) fn of(
        port: ReceiveRight,
        (volume, status): (CString, i32),
    ) -> Result<Self, LockError> {
        if Status::new(status) == Status::BUSY {
            let volume = Some(volume.to_string_lossy().into_owned());
            let volume = volume.filter(|name| !name.is_empty());
            return Err(LockError::Busy { volume });
        }
        granted(status)?;
        Ok(Self { port })
    }
}

/// A volume that is locked. Dropping it unlocks it, with exit status 0, or 70 if a panic drops it.
#[derive(Debug)]
#[must_use = "a guard that is dropped unlocks"]
pub struct VolumeGuard {
    pub(super) client: VolumeClient,
    pub(super) volume: Uuid,
    /// Until it is unlocked.
    pub(super) port: Option<ReceiveRight>,
}

impl VolumeGuard {
    /// Unlocks, with the exit status of the work that was done.
    ///
    /// # Errors
    ///
    /// [`LockError::NotHeld`]: the volume is gone. The service is gone, and the lock with it.
    pub fn unlock(mut self, exit_status: i32) -> Result<(), LockError> {
        self.end(exit_status)
    }

    /// Gives up the guard but not the lock, which lasts as long as this port and the process that locked. `None` if it was
    /// unlocked.
    #[must_use = "the lock ends with the port"]
    pub fn into_port(mut self) -> Option<ReceiveRight> {
        self.port.take()
    }

    fn end(&mut self, exit_status: i32) -> Result<(), LockError> {
        let Some(port) = self.port.take() else {
            return Ok(());
        };
        let calls = self.client.calls(Some(PATIENCE));
        unlocked(calls.unlock_volume(Some(&port), self.volume.into_bytes(), exit_status))
    }
}

impl Drop for VolumeGuard {
    fn drop(&mut self) {
        if let Err(error) = self.end(status_of_drop()) {
            tracing::warn!(%error, volume = %self.volume, "a volume was not unlocked");
        }
    }
}

/// The reboot lock. Dropping it gives it up.
#[derive(Debug)]
#[must_use = "a guard that is dropped gives the lock up"]
pub struct RebootGuard {
    // Its end is the lock's.
    #[expect(dead_code, reason = "it is held")]
    port: ReceiveRight,
}
