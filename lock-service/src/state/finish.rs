//! What is still to be done after a helper's work before its lock goes on.

use std::time::Instant;

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::lock::Hold;
use crate::state::{ClientId, End, Happening, Machine, Outside, Token};

/// Whoever holds a lock whose helper has unlocked it. It is no client, so nobody can unlock for it.
const NOBODY: ClientId = ClientId(u64::MAX);

/// Work that was done well, and is being finished.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finishing {
    number: u64,
    client: ClientId,
    token: Token,
}

impl Machine {
    /// Whether a lock lasts still though its holder has unlocked it: that was its volume's helper, and its work is being
    /// finished. The client has nothing any more then.
    pub(super) fn finish(
        &mut self,
        resource: &Resource,
        client: ClientId,
        token: Token,
        out: &mut dyn Outside,
    ) -> bool {
        let lock = self.locks.get_mut(resource);
        let hold = lock.and_then(|lock| lock.hold_mut(client, token)).copied();
        let (Some(hold), Some((id, volume))) = (hold, self.volume_mut(resource)) else {
            return false;
        };
        if volume.helper.is_none_or(|helper| helper.pid != hold.pid) {
            return false;
        }
        let Some(number) = out.finish(id, hold.pid) else {
            return false;
        };
        let own = self.own_token();
        self.leave_hold(&hold, out);
        if let Some(hold) = self
            .locks
            .get_mut(resource)
            .and_then(|lock| lock.hold_mut(client, token))
        {
            (hold.client, hold.token, hold.until, hold.keeper) = (NOBODY, own, None, None);
        }
        if let Some((_, volume)) = self.volume_mut(resource) {
            volume.finishing = Some(Finishing {
                number,
                client,
                token: own,
            });
        }
        self.count_end(resource, hold.pid, End::Unlocked(0), out);
        self.settle(client, out);
        true
    }

    /// The work of a helper that has unlocked is finished: the lock goes on.
    pub fn finished(&mut self, id: Uuid, number: u64, now: Instant, out: &mut dyn Outside) {
        let volume = self.volumes.get_mut(&id);
        let is_it = |finishing: &mut Finishing| finishing.number == number;
        let Some(finishing) = volume.and_then(|volume| volume.finishing.take_if(is_it)) else {
            return; // the volume is gone, or another one by now
        };
        let resource = Resource::Id(id);
        let Some(hold) = self.drop_hold(&resource, NOBODY, finishing.token) else {
            return;
        };
        self.let_go(&resource, out);
        let happening = Happening::Ended(End::Unlocked(0));
        let who = (finishing.client, hold.pid);
        self.tell_of(out, Some(&resource), who, happening);
        self.hand_over(&resource, now, out);
    }

    /// What a hold kept of others: its deadline, its place and its keeper.
    pub(super) fn leave_hold(&mut self, hold: &Hold, out: &mut dyn Outside) {
        self.deadlines.clear(hold.until, hold.client, hold.token);
        self.clients.leave_place(hold.client, hold.token);
        if let Some(keeper) = hold.keeper {
            self.clients.keep_nothing(keeper.client);
            self.settle(keeper.client, out);
        }
    }

    /// Owners back, once nobody holds a volume.
    pub(super) fn let_go(&self, resource: &Resource, out: &mut dyn Outside) {
        let is_free = |lock: &super::lock::Lock| lock.holders.is_empty();
        if self.locks.get(resource).is_none_or(is_free) {
            self.set_owners(resource, false, out);
        }
    }
}
