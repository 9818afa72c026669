//! Locks that outlive their holder, by another process that does the work.

use crate::state::{Caller, ClientId, Machine, Token};
use crate::status::Status;

impl Machine {
    /// Has a lock last until another process has ended, too: if the holder dies before, that one has it. `keeper` is a client
    /// that nobody else knows; one that was named before keeps the lock no more.
    pub fn keep(&mut self, client: ClientId, token: Token, keeper: &Caller) -> Status {
        let Some(resource) = self.place(client, token) else {
            return Status::UNKNOWN;
        };
        let lock = self.locks.get_mut(&resource);
        let Some(hold) = lock.and_then(|lock| lock.hold_mut(client, token)) else {
            return Status::UNKNOWN;
        };
        if let Some(before) = hold.keeper.replace(*keeper) {
            self.clients.keep_nothing(before.client);
            self.clients.forget_idle(before.client);
        }
        self.clients.enter(keeper).keeps = Some((client, token, resource));
        Status::GRANTED
    }

    /// A keeper is dead: the lock is its holder's alone.
    pub(super) fn stop_keeping(&mut self, keeper: ClientId) {
        let Some((client, token, resource)) = self.clients.keep_nothing(keeper) else {
            return;
        };
        let lock = self.locks.get_mut(&resource);
        if let Some(hold) = lock.and_then(|lock| lock.hold_mut(client, token)) {
            hold.keeper = None;
        }
        self.clients.forget_idle(keeper);
    }

    /// A holder is dead: what others keep is theirs.
    pub(super) fn hand_to_keepers(&mut self, client: ClientId) {
        let Some(dead) = self.clients.get(client) else {
            return;
        };
        let places: Vec<_> = dead.places.iter().map(|(t, r)| (*t, r.clone())).collect();
        for (token, resource) in places {
            let new_token = self.own_token();
            let lock = self.locks.get_mut(&resource);
            let Some(hold) = lock.and_then(|lock| lock.hold_mut(client, token)) else {
                continue;
            };
            let Some(keeper) = hold.keeper.take() else {
                continue;
            };
            (hold.client, hold.token, hold.pid) = (keeper.client, new_token, keeper.pid);
            let until = hold.until;
            self.deadlines.clear(until, client, token);
            self.deadlines.set(until, keeper.client, new_token);
            self.clients.leave_place(client, token);
            self.clients.keep_nothing(keeper.client);
            self.clients
                .enter(&keeper)
                .places
                .insert(new_token, resource);
        }
    }
}
