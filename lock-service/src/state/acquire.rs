//! Asking for a lock: the checks and their order.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::lock::Waiter;
use crate::state::{Answer, Caller, Happening, Machine, Outside, Ticket, Token};
use crate::status::Status;

/// Whether others may hold the lock as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: there are these two.
pub enum Mode {
    /// Together with others that share it.
    Shared,
    /// Alone.
    Exclusive,
}

/// What is done about a lock that is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: one waits not at all, for a time, or for ever.
pub enum Wait {
    /// The answer is [`Status::BUSY`].
    Try,
    /// The answer is [`Status::TIMED_OUT`] after this time.
    For(Duration),
    /// The answer comes when it is free.
    Forever,
}

/// A request for a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquire {
    /// What is to be locked.
    pub resource: Resource,
    /// The number by which the client will speak of the lock.
    pub token: Token,
    /// Shared or not.
    pub mode: Mode,
    /// What if it is not free.
    pub wait: Wait,
    /// For how long it is wanted; the lock ends by itself then.
    pub lease: Option<Duration>,
}

impl Machine {
    /// Why a volume cannot be locked, `None` if it can or could be waited for. Nothing changes.
    #[must_use]
    pub fn volume_refusal(&self, caller: &Caller, volume: Uuid, wait: bool) -> Option<Status> {
        if !self.permits(caller) {
            return Some(Status::NOT_PERMITTED);
        }
        if !self.ready {
            return Some(Status::NOT_READY);
        }
        if self.reboot.is_held() {
            return Some(Status::SHUTTING_DOWN);
        }
        if !self.volumes.contains_key(&volume) {
            return Some(Status::UNKNOWN);
        }
        let resource = Resource::Id(volume);
        (!wait && !self.is_free(&resource, Mode::Exclusive)).then_some(Status::BUSY)
    }

    /// Locks a volume for its holder alone, or waits for that.
    pub fn lock_volume(
        &mut self,
        caller: &Caller,
        volume: Uuid,
        wait: bool,
        ticket: Ticket,
        now: Instant,
        out: &mut dyn Outside,
    ) {
        if let Some(status) = self.volume_refusal(caller, volume, wait) {
            out.answer(ticket, Answer::of(status));
            return self.settle(caller.client, out);
        }
        let request = Acquire {
            resource: Resource::Id(volume),
            token: self.own_token(),
            mode: Mode::Exclusive,
            wait: Wait::Forever,
            lease: None,
        };
        self.take_place(caller, request, ticket, now, out);
    }

    /// Locks any resource, or waits for it. The same as [`lock_volume`](Self::lock_volume) for one that is a volume, but
    /// that an id which is no volume's can be locked as well.
    pub fn acquire(
        &mut self,
        caller: &Caller,
        request: Acquire,
        ticket: Ticket,
        now: Instant,
        out: &mut dyn Outside,
    ) {
        if let Some(status) = self.refusal(caller, &request) {
            out.answer(ticket, Answer::of(status));
            return self.settle(caller.client, out);
        }
        self.take_place(caller, request, ticket, now, out);
    }

    fn refusal(&self, caller: &Caller, request: &Acquire) -> Option<Status> {
        if !self.permits(caller) {
            return Some(Status::NOT_PERMITTED);
        }
        if self.reboot.is_held() && self.is_volume(&request.resource) {
            return Some(Status::SHUTTING_DOWN);
        }
        if let Some(client) = self.clients.get(caller.client) {
            if client.places.contains_key(&request.token) {
                return Some(Status::INVALID);
            }
            if client.places.len() >= self.policy.locks_per_client {
                return Some(Status::TOO_MANY);
            }
        }
        let busy = || !self.is_free(&request.resource, request.mode);
        (request.wait == Wait::Try && busy()).then_some(Status::BUSY)
    }

    /// Whether a lock would be granted at once: nobody is passed who waits.
    fn is_free(&self, resource: &Resource, mode: Mode) -> bool {
        self.locks
            .get(resource)
            .is_none_or(|lock| lock.queue.is_empty() && lock.admits(mode))
    }

    fn take_place(
        &mut self,
        caller: &Caller,
        request: Acquire,
        ticket: Ticket,
        now: Instant,
        out: &mut dyn Outside,
    ) {
        let Acquire {
            resource,
            token,
            mode,
            wait,
            lease,
        } = request;
        let places = &mut self.clients.enter(caller).places;
        places.insert(token, resource.clone());
        let is_free = self.is_free(&resource, mode);
        let until = match wait {
            Wait::For(time) if !is_free => now.checked_add(time),
            _ => None,
        };
        let waiter = Waiter {
            client: caller.client,
            token,
            pid: caller.pid,
            mode,
            ticket,
            since: now,
            until,
            lease,
        };
        if is_free {
            if !self.grant(&resource, waiter, now, out) {
                self.hand_over(&resource, now, out);
            }
            return;
        }
        self.deadlines.set(until, caller.client, token);
        let lock = self.locks.entry(resource.clone()).or_default();
        lock.queue.push_back(waiter);
        let who = (caller.client, caller.pid);
        self.tell_of(out, Some(&resource), who, Happening::Waits);
    }
}
