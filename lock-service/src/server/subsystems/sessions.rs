//! Locks in general.

use std::sync::Arc;
use std::time::Duration;

use mach_interface::{Deferred, DeferredReply};
use mach_ports::{AuditToken, Name, ReceiveRight, ReturnCode, SendRight};

use super::{Front, NO_ACCESS, by_token, refuse};
use crate::resource::Resource;
use crate::server::replies::Reply;
use crate::state::{Acquire, Mode, Snapshot, Token, Wait};
use crate::status::Status;
use crate::wire::{LockSession, Locks};

impl Locks for Front {
    fn open(
        &self,
        caller: AuditToken,
        client: SendRight,
    ) -> Result<(i32, Option<Arc<ReceiveRight>>), ReturnCode> {
        let mut core = self.0.core.lock();
        if !core.machine.permits(&by_token(&caller)) {
            return Ok((Status::NOT_PERMITTED.get(), None));
        }
        let session = core.open_session(&caller, client, &self.0.set);
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

    fn keep(&self, session: Name, token: u64, pid: i32) -> Result<i32, ReturnCode> {
        let mut core = self.0.core.lock();
        let status = match core.sessions.caller(session) {
            Some(caller) => core.keep(&caller, Token::of_client(token), pid),
            None => Status::UNKNOWN,
        };
        Ok(status.get())
    }

    fn observe(&self, session: Name, events: SendRight) -> Result<i32, ReturnCode> {
        let mut core = self.0.core.lock();
        let Some(caller) = core.sessions.caller(session) else {
            return Ok(Status::UNKNOWN.get());
        };
        core.outside.observers.add(caller.client, events);
        Ok(Status::GRANTED.get())
    }
}

fn lease(ms: u64) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms))
}
