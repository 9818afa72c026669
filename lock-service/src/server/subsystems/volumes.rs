//! Volumes.

use mach_interface::{Deferred, DeferredReply, FixedText};
use mach_ports::{AuditToken, ReturnCode, SendRight};
use uuid::Uuid;

use super::{Front, by_token, refuse};
use crate::server::replies::Reply;
use crate::status::Status;
use crate::wire::{VOLUME_NAME, VolumeLocks};

/// `KERN_FAILURE`: the answer to who unlocks what it has not locked.
const FAILURE: ReturnCode = ReturnCode::new(5);
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
        if let Some(status) = core.machine.reboot_refusal(&by_token(&caller)) {
            return refuse(reply, status);
        }
        // A client without a port could never be found dead.
        let Some(port) = client else {
            return refuse(reply, Status::INVALID);
        };
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
        // A client that gets nothing costs no request for its port's end.
        let refusal = core
            .machine
            .volume_refusal(&by_token(&caller), volume, wait);
        if let Some(status) = refusal {
            return refuse(reply, status);
        }
        let Some(port) = client else {
            return refuse(reply, Status::INVALID);
        };
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
        let asks = match client {
            Some(port) => core.peek_caller(&caller, &port),
            None => by_token(&caller),
        };
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
