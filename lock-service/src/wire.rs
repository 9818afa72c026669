//! The interfaces: those of volumes as C programs with MIG's stubs know them, and those of locks in general.
//!
//! The service answers all of them at one port; a session's at the session's own.

use mach_interface::{Array, Deferred, DeferredReply, FixedText, MakeSend, Value, subsystem};
use mach_ports::{AuditToken, Name, ReturnCode};

use crate::state::Snapshot;

/// Room for a volume's name in the answer to who asks for the reboot lock, with its end.
pub const VOLUME_NAME: usize = 90;
/// Room for what tells resources apart.
pub const RESOURCE: usize = 256;

/// Locks on volumes.
///
/// A client gives a right to a port that it receives on. What it has ends with that port, and with its process.
#[subsystem(base = 70_000, name = "volume_locks")]
pub trait VolumeLocks {
    /// Id 70006: asks for the lock that keeps all volumes from being locked. It ends with the client. The statuses are
    /// those of [`Machine::lock_reboot`](crate::state::Machine::lock_reboot).
    #[skip(6)]
    #[out(busy_volume, busy_status)]
    fn lock_reboot(
        &self,
        #[caller] caller: AuditToken,
        reply: DeferredReply<(FixedText<VOLUME_NAME>, i32)>,
        client: Option<MakeSend>,
        wait_for_lock: i32,
    ) -> Deferred;

    /// Id 70007: locks a volume. The statuses are those of
    /// [`Machine::lock_volume`](crate::state::Machine::lock_volume).
    #[out(lock_status)]
    fn lock_volume(
        &self,
        #[caller] caller: AuditToken,
        reply: DeferredReply<i32>,
        client: Option<MakeSend>,
        vol_uuid: [u8; 16],
        wait_for_lock: i32,
    ) -> Deferred;

    /// Id 70008: unlocks a volume. Fails with `KERN_FAILURE` if the client has not locked it.
    fn unlock_volume(
        &self,
        #[caller] caller: AuditToken,
        client: Option<MakeSend>,
        vol_uuid: [u8; 16],
        exit_status: i32,
    ) -> Result<(), ReturnCode>;
}

/// The way to locks in general.
#[subsystem(base = 71_000, name = "locks")]
pub trait Locks {
    /// Opens a session: locks that end with the client, that is, with the port that it gives and with its process.
    #[out(status, session)]
    fn open(
        &self,
        #[caller] caller: AuditToken,
        client: MakeSend,
    ) -> Result<(i32, Option<MakeSend>), ReturnCode>;

    /// Everything that is locked and waited for. Fails with `KERN_NO_ACCESS` for callers of another user.
    #[out(all)]
    fn snapshot(&self, #[caller] caller: AuditToken) -> Result<Value<Snapshot>, ReturnCode>;
}

/// A session: the port that the requests come to says whose it is.
#[subsystem(base = 71_100, name = "lock_session")]
pub trait LockSession {
    /// Locks a resource. `kind` says whether its id (0) or its name (1) follows; `wait_ms` is how long to wait, less than 0
    /// for ever; `lease_ms` for how long the lock is wanted, 0 for ever. `previous` is how the holder before ended: 0 it
    /// unlocked, 1 it died, 2 its lease was over.
    #[out(status, previous)]
    fn acquire(
        &self,
        #[request_port] session: Name,
        reply: DeferredReply<(i32, u32)>,
        token: u64,
        kind: u32,
        resource: Array<u8, RESOURCE>,
        shared: bool,
        wait_ms: i64,
        lease_ms: u64,
    ) -> Deferred;

    /// Gives up a lock, or the wait for one.
    #[out(status)]
    fn release(
        &self,
        #[request_port] session: Name,
        token: u64,
        exit_status: i32,
    ) -> Result<i32, ReturnCode>;

    /// Gives a lock a new lease from now on; 0 is one without end.
    #[out(status)]
    fn renew(
        &self,
        #[request_port] session: Name,
        token: u64,
        lease_ms: u64,
    ) -> Result<i32, ReturnCode>;

    /// Has a lock last until a process has ended, too, whatever becomes of the session.
    #[out(status)]
    fn keep(&self, #[request_port] session: Name, token: u64, pid: i32) -> Result<i32, ReturnCode>;

    /// Tells a port of everything that happens from now on, by [`LockEvents`], for as long as the session lasts. There is
    /// one such port for each session.
    #[out(status)]
    fn observe(&self, #[request_port] session: Name, events: MakeSend) -> Result<i32, ReturnCode>;
}

/// What an observer is told.
#[subsystem(base = 71_300, name = "lock_events")]
pub trait LockEvents {
    /// Something has happened to what `kind` and `resource` name, as in [`LockSession::acquire`]; `kind` 2 is the reboot lock.
    /// `what` says what, and `detail` more of it: 1 a process waits, 2 it waits no more; 3 it has the lock, which it shares
    /// with others if `detail` is 1; 4 it unlocked with exit status `detail`, 5 it died, 6 its lease was over; 7 a volume
    /// appeared, 8 it disappeared; 9 its helper was launched; 10 it has failed `detail` times, 11 it succeeded after so many
    /// failures. `client` tells the clients of a process apart; 0 is none. `lost` is how many events before this one found no room.
    #[simple]
    fn event(
        &self,
        what: u32,
        detail: i32,
        client: u64,
        pid: i32,
        lost: u32,
        kind: u32,
        resource: Array<u8, RESOURCE>,
    );
}
