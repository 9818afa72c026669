use std::sync::{Arc, Weak};

use mach_ports::dispatch::{ProcessExitSource, SerialQueue};
use parking_lot::MutexGuard;

use crate::entry::Entry;
use crate::registration::{Outcome, Rendezvous};
use crate::shared::Shared;
use crate::table::Table;
use crate::{PortCollection, RegisterError, Registration};

/// The locked server.
///
/// No request is answered while it exists. Hold it from before a process is
/// created until after its registration: a child that asks at once then waits,
/// instead of being told that it has no ports.
#[derive(Debug)]
pub struct ServerGuard<'a> {
    // Before the stale entries, whose rights are then released without the lock.
    table: MutexGuard<'a, Table<Entry>>,
    stale: Stale,
    shared: &'a Arc<Shared>,
    queue: &'a SerialQueue,
}

impl<'a> ServerGuard<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, queue: &'a SerialQueue) -> Self {
        Self {
            table: shared.table.lock(),
            stale: Stale::default(),
            shared,
            queue,
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
        if self.table.contains(pid) {
            return Err(RegisterError::AlreadyRegistered { pid });
        }
        self.insert(pid, collection)
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
        self.insert(pid, collection)
    }

    /// The processes that have not asked for their ports, and the keys of these.
    pub fn pending(&self) -> impl Iterator<Item = (i32, Vec<u32>)> {
        self.table
            .iter()
            .map(|(pid, entry)| (pid, entry.collection.keys().collect()))
    }

    fn insert(
        &mut self,
        pid: i32,
        collection: PortCollection,
    ) -> Result<Registration, RegisterError> {
        if pid <= 0 {
            return Err(RegisterError::InvalidPid { pid });
        }
        let serial = self.table.reserve();
        let shared: Weak<Shared> = Arc::downgrade(self.shared);
        // Armed under the lock: an exit from now on finds the entry.
        let exit = ProcessExitSource::new(pid, self.queue, move || {
            if let Some(shared) = shared.upgrade() {
                shared.expire(pid, serial);
            }
        })
        .map_err(|source| RegisterError::Watch { pid, source })?;
        let outcome = Outcome::pending();
        tracing::debug!(pid, count = collection.len(), "ports registered");
        let entry = Entry::new(collection, outcome.clone(), exit);
        self.stale.0.extend(self.table.insert(pid, serial, entry));
        Ok(Registration::new(pid, outcome))
    }
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
