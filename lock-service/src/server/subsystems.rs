//! Requests, from their bytes to the machine.

use std::sync::Arc;
use std::time::Duration;

use mach_interface::{Deferred, DeferredReply, FixedText};
use mach_ports::{AuditToken, Name, ReceiveRight, ReturnCode, SendRight};
use uuid::Uuid;

use crate::resource::Resource;
use crate::server::replies::Reply;
use crate::server::run::Shared;
use crate::state::{Acquire, Answer, Caller, ClientId, Mode, Snapshot, Token, Wait};
use crate::status::Status;
use crate::wire::{LockSession, Locks, VOLUME_NAME, VolumeLocks};

/// `KERN_FAILURE`: the answer to who unlocks what it has not locked.
const FAILURE: ReturnCode = ReturnCode::new(5);
/// `KERN_NO_ACCESS`.
pub(crate) const NO_ACCESS: ReturnCode = ReturnCode::new(8);

/// The object behind the service's ports.
#[derive(Clone)]
pub(super) struct Front(pub(super) Arc<Shared>);

fn refuse(reply: Reply, status: Status) -> Deferred {
    reply.answer(Answer::of(status));
    Deferred
}

impl VolumeLocks for Front {
    fn lock_reboot(
        &self,
        caller: AuditToken,
        reply: DeferredReply<(FixedText<VOLUME_NAME>, i32)>,
        client: Option<SendRight>,
        wait_for_lock: i32,
    ) -> Deferred {
        let mut core = self.0.core.lock();
        let reply = Reply::Reboot(reply);
        let Some(port) = client else {
            return refuse(reply, Status::INVALID);
        };
        if !core.machine.permits(&core.peek_caller(&caller, &port)) {
            return refuse(reply, Status::NOT_PERMITTED);
        }
        let caller = match core.enter_caller(&caller, port) {
            Ok(caller) => caller,
            Err(error) => return refuse_dead(reply, &caller, &error),
        };
        let (machine, _, outside) = core.parts();
        let ticket = outside.replies.keep(reply);
        machine.lock_reboot(&caller, wait_for_lock != 0, ticket, outside);
        Deferred
    }

    fn lock_volume(
        &self,
        caller: AuditToken,
        reply: DeferredReply<i32>,
        client: Option<SendRight>,
        vol_uuid: [u8; 16],
        wait_for_lock: i32,
    ) -> Deferred {
        let (volume, wait) = (Uuid::from_bytes(vol_uuid), wait_for_lock != 0);
        let mut core = self.0.core.lock();
        let reply = Reply::Volume(reply);
        let Some(port) = client else {
            return refuse(reply, Status::INVALID);
        };
        // A client that gets nothing costs no request for its port's end.
        let asks = core.peek_caller(&caller, &port);
        if let Some(status) = core.machine.volume_refusal(&asks, volume, wait) {
            return refuse(reply, status);
        }
        let caller = match core.enter_caller(&caller, port) {
            Ok(caller) => caller,
            Err(error) => return refuse_dead(reply, &caller, &error),
        };
        let (machine, now, outside) = core.parts();
        let ticket = outside.replies.keep(reply);
        machine.lock_volume(&caller, volume, wait, ticket, now, outside);
        Deferred
    }

    fn unlock_volume(
        &self,
        caller: AuditToken,
        client: Option<SendRight>,
        vol_uuid: [u8; 16],
        exit_status: i32,
    ) -> Result<(), ReturnCode> {
        let volume = Uuid::from_bytes(vol_uuid);
        let mut core = self.0.core.lock();
        let port = client.ok_or(FAILURE)?;
        let asks = core.peek_caller(&caller, &port);
        let (machine, now, outside) = core.parts();
        let unlocked = machine.unlock_volume(&asks, volume, exit_status, now, outside);
        unlocked.map_err(|why| {
            tracing::warn!(%volume, pid = asks.pid, %why, "a volume was not unlocked");
            FAILURE
        })
    }
}

/// The client's port has died since it was sent, or cannot be watched: nobody would ever take the lock away.
fn refuse_dead(reply: Reply, caller: &AuditToken, error: &mach_ports::Error) -> Deferred {
    tracing::warn!(pid = caller.pid(), %error, "a client's port is dead, or cannot be watched");
    refuse(reply, Status::INVALID)
}

impl Locks for Front {
    fn open(&self, caller: AuditToken) -> Result<(i32, Option<Arc<ReceiveRight>>), ReturnCode> {
        let mut core = self.0.core.lock();
        if !core.machine.permits(&by_token(&caller)) {
            return Ok((Status::NOT_PERMITTED.get(), None));
        }
        let session = core.open_session(&caller, &self.0.set);
        let session = session.map_err(|error| error.code())?;
        Ok((Status::GRANTED.get(), Some(session)))
    }

    fn snapshot(&self, caller: AuditToken) -> Result<Snapshot, ReturnCode> {
        let core = self.0.core.lock();
        if !core.machine.permits(&by_token(&caller)) {
            return Err(NO_ACCESS);
        }
        Ok(core.machine.snapshot(core.now()))
    }
}

/// Who asks, where no client is needed.
fn by_token(token: &AuditToken) -> Caller {
    Caller {
        client: ClientId(0),
        pid: token.pid(),
        euid: token.euid(),
    }
}

impl LockSession for Front {
    fn acquire(
        &self,
        session: Name,
        reply: DeferredReply<(i32, u32)>,
        token: u64,
        kind: u32,
        resource: Vec<u8>,
        shared: bool,
        wait_ms: i64,
        lease_ms: u64,
    ) -> Deferred {
        let mut core = self.0.core.lock();
        let reply = Reply::Lock(reply);
        let Some(caller) = core.sessions.caller(session) else {
            return refuse(reply, Status::UNKNOWN);
        };
        let Some(resource) = Resource::from_wire(kind, &resource) else {
            return refuse(reply, Status::INVALID);
        };
        let request = Acquire {
            resource,
            token: Token::of_client(token),
            mode: if shared {
                Mode::Shared
            } else {
                Mode::Exclusive
            },
            wait: match u64::try_from(wait_ms) {
                Ok(0) => Wait::Try,
                Ok(ms) => Wait::For(Duration::from_millis(ms)),
                Err(_) => Wait::Forever,
            },
            lease: lease(lease_ms),
        };
        let (machine, now, outside) = core.parts();
        let ticket = outside.replies.keep(reply);
        machine.acquire(&caller, request, ticket, now, outside);
        Deferred
    }

    fn release(&self, session: Name, token: u64, exit_status: i32) -> Result<i32, ReturnCode> {
        let mut core = self.0.core.lock();
        let Some(caller) = core.sessions.caller(session) else {
            return Ok(Status::UNKNOWN.get());
        };
        let (machine, now, outside) = core.parts();
        let token = Token::of_client(token);
        let status = machine.release(caller.client, token, exit_status, now, outside);
        Ok(status.get())
    }

    fn renew(&self, session: Name, token: u64, lease_ms: u64) -> Result<i32, ReturnCode> {
        let mut core = self.0.core.lock();
        let Some(caller) = core.sessions.caller(session) else {
            return Ok(Status::UNKNOWN.get());
        };
        let (machine, now, _) = core.parts();
        let token = Token::of_client(token);
        let status = machine.renew(caller.client, token, lease(lease_ms), now);
        Ok(status.get())
    }
}

fn lease(ms: u64) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms))
}
