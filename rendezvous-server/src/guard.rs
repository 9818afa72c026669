use std::sync::Arc;

use mach_ports::dispatch::ExitEvent;

use crate::entry::Entry;
use crate::registration::Rendezvous;
use crate::registry::Locked;
use crate::shared::Shared;
use crate::{PortCollection, RegisterError, Registration};

/// The locked server.
///
/// No request is answered while it exists. Hold it from before a process is
/// created until after its registration: a child that asks at once then waits,
/// instead of being told that it has no ports.
#[derive(Debug)]
pub struct ServerGuard<'a> {
    // Before the stale entries, whose rights are then released without the lock.
    locked: Locked<'a, Entry>,
    stale: Stale,
    shared: &'a Arc<Shared>,
}

impl<'a> ServerGuard<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>) -> Self {
        Self {
            locked: shared.registry.lock(),
            stale: Stale::default(),
            shared,
        }
    }

    /// Registers `collection` for process `pid`: the first request that it sends
    /// claims the collection.
    ///
    /// It may be any process, such as one that a child started. It is the pid of
    /// the process that will ask.
    ///
    /// # Errors
    /// [`RegisterError::AlreadyRegistered`] until an earlier collection was
    /// claimed or its process died. On every error the rights are released.
    pub fn register(
        &mut self,
        pid: i32,
        collection: PortCollection,
    ) -> Result<Registration, RegisterError> {
        if self.locked.table.contains(pid) {
            return Err(RegisterError::AlreadyRegistered { pid });
        }
        let exit = watch(pid)?;
        Ok(self.insert(&exit, collection))
    }

    /// Registers `collection` for a process that the caller has created since
    /// it locked the server.
    ///
    /// A collection that is still there for the pid was an earlier process's,
    /// whose exit waits for the lock to be noticed. It is released.
    ///
    /// # Errors
    /// As [`Self::register`], but for `AlreadyRegistered`.
    pub fn register_spawned(
        &mut self,
        pid: i32,
        collection: PortCollection,
    ) -> Result<Registration, RegisterError> {
        let exit = watch(pid)?;
        Ok(self.insert(&exit, collection))
    }

    /// The processes that have not asked for their ports, and the keys of these.
    pub fn pending(&self) -> impl Iterator<Item = (i32, Vec<u32>)> {
        self.locked
            .table
            .iter()
            .map(|(pid, entry)| (pid, entry.collection.keys().collect()))
    }

    fn insert(&mut self, exit: &ExitEvent, collection: PortCollection) -> Registration {
        let (registration, stale) = self.shared.enter(&mut self.locked.table, exit, collection);
        self.stale.0.extend(stale);
        registration
    }
}

fn watch(pid: i32) -> Result<ExitEvent, RegisterError> {
    if pid <= 0 {
        return Err(RegisterError::InvalidPid { pid });
    }
    ExitEvent::watch(pid).map_err(|source| RegisterError::Watch { pid, source })
}

/// Entries of processes that have exited.
#[derive(Debug, Default)]
struct Stale(Vec<Entry>);

impl Drop for Stale {
    fn drop(&mut self) {
        for entry in self.0.drain(..) {
            entry.abandon(Rendezvous::ExitedFirst);
        }
    }
}
