//! What plugs into a service from outside.

use std::time::Instant;

use uuid::Uuid;

use crate::state::{Checked, NewVolume, Why};

/// Whoever watches volumes: it says which there are, by [`ServiceHandle`](crate::ServiceHandle), and the service asks it
/// about them.
///
/// The service is locked during these calls, and answers nobody: they must not come back to it, nor wait for somebody who
/// does. What takes longer than a look at some memory is begun here, and its end is told later.
pub trait Volumes: Send {
    /// Looks at a volume that nobody holds, and launches its helper if it is stale. Forced, it is launched in any case.
    ///
    /// Who reads files for that begins here, on another thread, and answers [`Checked::Looking`] with a number of its own.
    /// [`ServiceHandle::looked`](crate::ServiceHandle::looked) tells the end; until then there is no second look at this
    /// volume, and nobody shuts the machine down.
    ///
    /// The service counts; whoever launched tells it of the helper's exit, by
    /// [`ServiceHandle::helper_exited`](crate::ServiceHandle::helper_exited).
    fn check(&mut self, volume: Uuid, why: Why) -> Checked;

    /// A volume is locked (`on`), or is not any more: makes it respect owners for its holder, keeps it from being unmounted, or
    /// whatever else belongs to being locked.
    fn set_owners(&mut self, volume: Uuid, on: bool) {
        let _ = (volume, on);
    }

    /// A volume's helper unlocks it with exit status 0: what is still to be done before others have the lock. Who needs time
    /// for that begins here, on another thread, and answers with a number of its own;
    /// [`ServiceHandle::finished`](crate::ServiceHandle::finished) tells the end, and the lock lasts until then.
    fn finish(&mut self, volume: Uuid, pid: i32) -> Option<u64> {
        let _ = (volume, pid);
        None
    }

    /// Volumes that are there and have not been told of yet. Asked before the machine is shut down. `None`: that takes its
    /// time, and [`ServiceHandle::surveyed`](crate::ServiceHandle::surveyed) tells the end.
    fn survey(&mut self) -> Option<Vec<NewVolume>> {
        Some(Vec::new())
    }
}

/// For a service that nobody tells of volumes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVolumes;

impl Volumes for NoVolumes {
    fn check(&mut self, _: Uuid, _: Why) -> Checked {
        Checked::Clean
    }
}

/// What a service knows the time by.
pub trait Clock: Send + Sync {
    /// The time. It never goes back.
    fn now(&self) -> Instant;
}

/// The system's monotonic clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}
