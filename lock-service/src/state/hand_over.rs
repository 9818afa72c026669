//! From one holder to the next.

use std::time::Instant;

use crate::resource::Resource;
use crate::state::lock::{Hold, Waiter};
use crate::state::{Answer, ClientId, Event, Happening, Machine, Outside};
use crate::status::Status;

impl Machine {
    /// Makes somebody a holder, and tells it. One that cannot be told is none: `false`.
    pub(super) fn grant(
        &mut self,
        resource: &Resource,
        waiter: Waiter,
        now: Instant,
        out: &mut dyn Outside,
    ) -> bool {
        let Waiter {
            client,
            token,
            pid,
            mode,
            ticket,
            until,
            lease,
            ..
        } = waiter;
        self.deadlines.clear(until, client, token);
        let until = lease.and_then(|lease| now.checked_add(lease));
        let lock = self.locks.entry(resource.clone()).or_default();
        let is_first = lock.holders.is_empty();
        lock.holders.push(Hold {
            client,
            token,
            pid,
            mode,
            since: now,
            until,
            keeper: None,
        });
        if is_first {
            self.note_work(resource);
            self.set_owners(resource, true, out);
        }
        let answer = Answer {
            previous: self.deaths.of(resource),
            ..Answer::of(Status::GRANTED)
        };
        if out.answer(ticket, answer) {
            self.deaths.told(resource);
            self.deadlines.set(until, client, token);
            self.tell_of(out, Some(resource), (client, pid), Happening::Locked(mode));
            return true;
        }
        self.drop_hold(resource, client, token);
        if is_first {
            self.set_owners(resource, false, out);
        }
        self.tell_of(out, Some(resource), (client, pid), Happening::WaitsNoMore);
        self.settle(client, out);
        false
    }

    /// Gives a lock to those whose turn it is. Who cannot be told is passed over.
    pub(super) fn hand_on(&mut self, resource: &Resource, now: Instant, out: &mut dyn Outside) {
        while let Some(lock) = self.locks.get_mut(resource) {
            if lock.is_unused() {
                self.locks.remove(resource);
                return;
            }
            let admits = |waiter: &Waiter| lock.admits(waiter.mode);
            if !lock.queue.front().is_some_and(admits) {
                return;
            }
            if let Some(waiter) = lock.queue.pop_front() {
                self.grant(resource, waiter, now, out);
            }
        }
    }

    /// Gives a lock to those whose turn it is. Then it is the turn of who waits to shut the machine down.
    pub(super) fn hand_over(&mut self, resource: &Resource, now: Instant, out: &mut dyn Outside) {
        self.hand_on(resource, now, out);
        if self.is_volume(resource) {
            self.look_if_waited(out);
        }
    }

    /// Forgets a client that has nothing left.
    pub(super) fn settle(&mut self, client: ClientId, out: &mut dyn Outside) {
        if self.clients.forget_idle(client) || self.clients.get(client).is_none() {
            out.released(client);
        }
    }

    pub(super) fn set_owners(&self, resource: &Resource, on: bool, out: &mut dyn Outside) {
        if let Resource::Id(id) = resource
            && self.volumes.contains_key(id)
        {
            out.set_owners(*id, on);
        }
    }

    /// Tells what a client did, or what happened to it.
    pub(super) fn tell_of(
        &self,
        out: &mut dyn Outside,
        resource: Option<&Resource>,
        (client, pid): (ClientId, i32),
        happening: Happening,
    ) {
        out.event(Event {
            resource: resource.cloned(),
            client: Some(client),
            pid,
            happening,
        });
    }

    /// Tells what happened to a volume.
    pub(super) fn tell(
        &self,
        out: &mut dyn Outside,
        volume: &Resource,
        pid: i32,
        happening: Happening,
    ) {
        out.event(Event {
            resource: Some(volume.clone()),
            client: None,
            pid,
            happening,
        });
    }
}
