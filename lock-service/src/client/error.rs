//! Why there is no lock.

use mach_interface::CallError;
use mach_ports::Error;

use crate::status::Status;

/// Why there is no lock, or why it could not be given up.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The caller's side: the service is for another user.
    #[error("the lock service is for another user; run as that one")]
    NotPermitted,
    /// The service does not know its volumes yet. Try again later.
    #[error("the lock service is not set up yet")]
    NotReady,
    /// The machine is being shut down: volumes are locked no more.
    #[error("the machine is being shut down")]
    ShuttingDown,
    /// There is no such volume, or the lock is not the caller's any more.
    #[error("there is no such volume or lock")]
    Unknown,
    /// Somebody else has the lock, or a volume is busy.
    #[error("somebody else has the lock{}", of(volume.as_deref()))]
    Busy {
        /// The name of a volume that is busy, if the reboot lock was asked for.
        volume: Option<String>,
    },
    /// Somebody else holds the reboot lock.
    #[error("the machine is being shut down by somebody else")]
    Already,
    /// It was not free until the deadline.
    #[error("the lock was not free until the deadline")]
    TimedOut,
    /// The lock was not the caller's any more when it was unlocked: its volume is gone, or the service took it away.
    #[error("the lock was not held any more when it was unlocked")]
    NotHeld,
    /// The service answered with another status.
    #[error("the lock service says: {0}")]
    Status(Status),
    /// The service could not be asked, or did not answer.
    #[error("the lock service could not be asked")]
    Call(#[from] CallError),
    /// This process is short of ports (on Linux: of descriptors).
    #[error("no port could be made")]
    Port(#[from] Error),
    /// The events cannot be waited for by tasks.
    #[cfg(feature = "tokio")]
    #[error(transparent)]
    Events(super::EventsError),
}

mach_ports::debug_with_causes!(LockError);

fn of(volume: Option<&str>) -> String {
    volume.map_or_else(String::new, |volume| {
        format!(": the volume {volume:?} is busy")
    })
}

impl LockError {
    /// Whether the service is gone: it died, or was stopped. A new one begins without locks.
    #[must_use]
    pub fn service_is_gone(&self) -> bool {
        use mach_ports::SendError;
        matches!(
            self,
            Self::Call(CallError::ServerDied | CallError::NotSent(SendError::DestinationDead))
        )
    }
}

/// A status as a result.
pub(super) fn granted(status: i32) -> Result<(), LockError> {
    Err(match Status::new(status) {
        Status::GRANTED => return Ok(()),
        Status::NOT_PERMITTED => LockError::NotPermitted,
        Status::NOT_READY => LockError::NotReady,
        Status::SHUTTING_DOWN => LockError::ShuttingDown,
        Status::UNKNOWN => LockError::Unknown,
        Status::BUSY => LockError::Busy { volume: None },
        Status::ALREADY => LockError::Already,
        Status::TIMED_OUT => LockError::TimedOut,
        other => LockError::Status(other),
    })
}
