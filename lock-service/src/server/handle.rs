//! A running service, as the program that runs it sees it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use mach_ports::SendRight;
use uuid::Uuid;

use crate::server::builder::Builder;
use crate::server::run::Shared;
use crate::state::{NewVolume, Snapshot};

/// A running service. Dropping it stops it: its clients learn that at once.
#[must_use = "a service that is dropped stops"]
pub struct LockService {
    handle: ServiceHandle,
    right: SendRight,
    thread: Option<JoinHandle<()>>,
}

impl LockService {
    /// A service to be.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(super) const fn new(
        handle: ServiceHandle,
        right: SendRight,
        thread: JoinHandle<()>,
    ) -> Self {
        Self {
            handle,
            right,
            thread: Some(thread),
        }
    }

    /// The right by which clients ask.
    ///
    /// # Panics
    ///
    /// If the reference was released behind the service's back.
    #[must_use]
    pub fn right(&self) -> SendRight {
        self.right.clone()
    }

    /// What tells the service of volumes, and asks it about them.
    #[must_use]
    pub fn handle(&self) -> ServiceHandle {
        self.handle.clone()
    }

    /// Stops it and waits for its thread. All its ports go, so that whoever waits learns it.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for LockService {
    fn drop(&mut self) {
        let shared = &self.handle.0;
        shared.stopped.store(true, Ordering::Release);
        shared.inbox.wake();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the lock service's thread has panicked");
        }
        // Handles may outlive the service; requests, rights and sessions must not.
        shared.core.lock().close();
    }
}

impl std::fmt::Debug for LockService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockService")
            .field("right", &self.right)
            .finish_non_exhaustive()
    }
}

/// Tells a service of volumes and helpers, and asks it. Clones are of the same service; it may have stopped by now, and then
/// has no volumes.
///
/// No call may be made from within [`Volumes`](crate::Volumes) or an observer: the service is locked there.
#[derive(Clone)]
pub struct ServiceHandle(pub(super) Arc<Shared>);

impl ServiceHandle {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// The volumes that there are have been told: from now on they can be locked. Until then
    /// [`Status::NOT_READY`](crate::Status::NOT_READY) is the answer.
    pub fn set_ready(&self) {
        self.0.core.lock().machine.set_ready();
    }

    /// A volume is there. One with the same id is replaced by it, and its waiters are told that it is unknown.
    pub fn volume_appeared(&self, volume: NewVolume) {
        let mut core = self.0.core.lock();
        let (machine, _, outside) = core.parts();
        machine.volume_appeared(volume, outside);
    }

    /// A volume is gone: its waiters are told that it is unknown. `false` if there was none.
    pub fn volume_disappeared(&self, volume: Uuid) -> bool {
        let mut core = self.0.core.lock();
        let (machine, _, outside) = core.parts();
        machine.volume_disappeared(volume, outside)
    }

    /// A helper that was launched for a volume has exited. One that did not unlock it has failed, whatever its exit status;
    /// what it holds goes on to others.
    pub fn helper_exited(&self, volume: Uuid, pid: i32) {
        let mut core = self.0.core.lock();
        let (machine, now, outside) = core.parts();
        machine.helper_exited(volume, pid, now, outside);
    }

    /// All volumes and locks.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let core = self.0.core.lock();
        core.machine.snapshot(core.now())
    }
}

impl std::fmt::Debug for ServiceHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceHandle").finish_non_exhaustive()
    }
}
