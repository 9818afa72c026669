//! The table and the two locks that keep it: in which order they are taken, and what each keeps out.
//!
//! It is generic over what is kept and over the locks, so that `races` can try all orders of what threads do.

use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

use parking_lot::lock_api::{
    self, MutexGuard, RawMutex, RawMutexTimed, RawRwLock, RwLockReadGuard, RwLockWriteGuard,
};

use crate::table::{Serial, Table};

/// Which process is to get what, for all threads of a server.
pub(crate) struct Registry<E, M = parking_lot::RawMutex, R = parking_lot::RawRwLock> {
    /// Read while a process is created and registered, written to answer: launches go on side by side, and no child is
    /// answered before it is registered. Taken before the table, if both are.
    gate: lock_api::RwLock<R, ()>,
    table: lock_api::Mutex<M, Table<E>>,
}

/// The table, with requests and launches kept out.
pub(crate) struct Locked<
    'a,
    E,
    M: RawMutex = parking_lot::RawMutex,
    R: RawRwLock = parking_lot::RawRwLock,
> {
    // Given back first.
    pub(crate) table: MutexGuard<'a, M, Table<E>>,
    _gate: RwLockWriteGuard<'a, R, ()>,
}

/// For as long as it lives no request is answered.
pub(crate) type Launching<'a, R = parking_lot::RawRwLock> = RwLockReadGuard<'a, R, ()>;

impl<E: Debug, M: RawMutex, R> Debug for Registry<E, M, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

impl<E: Debug, M: RawMutex, R: RawRwLock> Debug for Locked<'_, E, M, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

impl<E, M: RawMutex, R: RawRwLock> Registry<E, M, R> {
    pub(crate) const fn new() -> Self {
        Self {
            gate: lock_api::RwLock::new(()),
            table: lock_api::Mutex::new(Table::new()),
        }
    }

    /// Keeps requests waiting while a process is created and registered.
    pub(crate) fn begin_launch(&self) -> Launching<'_, R> {
        self.gate.read()
    }

    /// Waits until no launch is under way, and keeps all others out.
    pub(crate) fn lock(&self) -> Locked<'_, E, M, R> {
        let gate = self.gate.write();
        Locked {
            table: self.table.lock(),
            _gate: gate,
        }
    }

    /// The table, for what need not wait for launches: to register in one, to notice exits, to look again.
    pub(crate) fn table(&self) -> MutexGuard<'_, M, Table<E>> {
        self.table.lock()
    }

    /// Takes the entry of a process that has exited.
    pub(crate) fn expire(&self, pid: i32, serial: Serial) -> Option<E> {
        self.table.lock().expire(pid, serial)
    }

    /// As [`Self::expire`], unless the table stays locked for that long.
    pub(crate) fn expire_within(&self, pid: i32, serial: Serial, patience: Duration) -> Option<E>
    where
        M: RawMutexTimed<Duration = Duration>,
    {
        self.table.try_lock_for(patience)?.expire(pid, serial)
    }
}
