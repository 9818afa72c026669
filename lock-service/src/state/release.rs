//! The ends of locks and waits.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::lock::Hold;
use crate::state::{Answer, Caller, ClientId, End, Happening, Machine, Outside, Token};
use crate::status::Status;

/// Why a volume was not unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
// Exhaustive: these are the three.
pub enum NotUnlocked {
    /// There is no such volume.
    #[error("there is no such volume")]
    Unknown,
    /// Nobody holds it.
    #[error("the volume is not locked")]
    NotLocked,
    /// Somebody else holds it.
    #[error("the volume is locked by process {0}")]
    WrongClient(i32),
}

impl Machine {
    /// Unlocks a volume, with the exit status of the work that it was locked for. Who is not of the service's user is told
    /// nothing, and nothing happens.
    ///
    /// # Errors
    ///
    /// See [`NotUnlocked`]. Nothing happens then.
    pub fn unlock_volume(
        &mut self,
        caller: &Caller,
        volume: Uuid,
        exit_status: i32,
        now: Instant,
        out: &mut dyn Outside,
    ) -> Result<(), NotUnlocked> {
        if !self.permits(caller) {
            return Ok(());
        }
        if !self.volumes.contains_key(&volume) {
            return Err(NotUnlocked::Unknown);
        }
        let resource = Resource::Id(volume);
        let holders = self.locks.get(&resource).map(|lock| &lock.holders[..]);
        let holders = holders.unwrap_or_default();
        let first = holders.first().ok_or(NotUnlocked::NotLocked)?;
        let own = holders.iter().find(|hold| hold.client == caller.client);
        let token = own.ok_or(NotUnlocked::WrongClient(first.pid))?.token;
        self.end_hold(
            &resource,
            caller.client,
            token,
            End::Unlocked(exit_status),
            now,
            out,
        );
        Ok(())
    }

    /// Gives up a lock or a wait for one.
    pub fn release(
        &mut self,
        client: ClientId,
        token: Token,
        exit_status: i32,
        now: Instant,
        out: &mut dyn Outside,
    ) -> Status {
        let Some(resource) = self.place(client, token) else {
            return Status::UNKNOWN;
        };
        if self.end_wait(&resource, client, token, Status::CANCELLED, out) {
            self.hand_over(&resource, now, out);
            self.settle(client, out);
        } else {
            self.end_hold(
                &resource,
                client,
                token,
                End::Unlocked(exit_status),
                now,
                out,
            );
        }
        Status::GRANTED
    }

    /// Gives a lock a new lease from now on, or takes its end away.
    pub fn renew(
        &mut self,
        client: ClientId,
        token: Token,
        lease: Option<Duration>,
        now: Instant,
    ) -> Status {
        let resource = self.place(client, token);
        let lock = resource.and_then(|resource| self.locks.get_mut(&resource));
        let Some(hold) = lock.and_then(|lock| lock.hold_mut(client, token)) else {
            return Status::UNKNOWN;
        };
        self.deadlines.clear(hold.until, client, token);
        hold.until = lease.and_then(|lease| now.checked_add(lease));
        self.deadlines.set(hold.until, client, token);
        Status::GRANTED
    }

    /// A client is dead: what it holds goes on to others, and it waits no more.
    pub fn client_died(&mut self, client: ClientId, now: Instant, out: &mut dyn Outside) {
        self.stop_keeping(client);
        self.hand_to_keepers(client);
        let Some(dead) = self.clients.get(client) else {
            return;
        };
        let places: Vec<_> = dead.places.iter().map(|(t, r)| (*t, r.clone())).collect();
        // Its waits first: nothing goes from the dead to the dead.
        for (token, resource) in &places {
            self.end_wait(resource, client, *token, Status::CANCELLED, out);
        }
        for (token, resource) in &places {
            self.note_end(resource, client, *token, End::Died, out);
        }
        for (_, resource) in &places {
            self.hand_on(resource, now, out);
        }
        self.leave_reboot(client, out);
        if places.iter().any(|(_, resource)| self.is_volume(resource)) {
            self.look_if_waited(out);
        }
        self.settle(client, out);
    }

    /// Ends what ends by the clock.
    pub fn expire(&mut self, now: Instant, out: &mut dyn Outside) {
        while let Some((client, token)) = self.deadlines.take_due(now) {
            let Some(resource) = self.place(client, token) else {
                continue;
            };
            if self.end_wait(&resource, client, token, Status::TIMED_OUT, out) {
                self.hand_over(&resource, now, out);
                self.settle(client, out);
            } else {
                self.end_hold(&resource, client, token, End::Expired, now, out);
            }
        }
    }

    /// Answers a waiter that it waits no more: whether it did wait.
    pub(super) fn end_wait(
        &mut self,
        resource: &Resource,
        client: ClientId,
        token: Token,
        status: Status,
        out: &mut dyn Outside,
    ) -> bool {
        let lock = self.locks.get_mut(resource);
        let Some(waiter) = lock.and_then(|lock| lock.take_waiter(client, token)) else {
            return false;
        };
        self.deadlines.clear(waiter.until, client, token);
        self.clients.leave_place(client, token);
        out.answer(waiter.ticket, Answer::of(status));
        let who = (client, waiter.pid);
        self.tell_of(out, Some(resource), who, Happening::WaitsNoMore);
        true
    }

    fn end_hold(
        &mut self,
        resource: &Resource,
        client: ClientId,
        token: Token,
        end: End,
        now: Instant,
        out: &mut dyn Outside,
    ) {
        if end == End::Unlocked(0) && self.finish(resource, client, token, out) {
            return;
        }
        self.note_end(resource, client, token, end, out);
        self.hand_over(resource, now, out);
        self.settle(client, out);
    }

    /// Takes a lock from its holder: owners back, and the volume's counters. Nobody has got it yet.
    fn note_end(
        &mut self,
        resource: &Resource,
        client: ClientId,
        token: Token,
        end: End,
        out: &mut dyn Outside,
    ) {
        let Some(hold) = self.drop_hold(resource, client, token) else {
            return;
        };
        self.leave_hold(&hold, out);
        self.deaths.note(resource, end.as_previous());
        self.let_go(resource, out);
        self.tell_of(
            out,
            Some(resource),
            (client, hold.pid),
            Happening::Ended(end),
        );
        self.count_end(resource, hold.pid, end, out);
    }

    pub(super) fn drop_hold(
        &mut self,
        resource: &Resource,
        client: ClientId,
        token: Token,
    ) -> Option<Hold> {
        let hold = self.locks.get_mut(resource)?.take_hold(client, token)?;
        self.clients.leave_place(client, token);
        Some(hold)
    }
}
