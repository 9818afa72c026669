//! One lock: its holders and its queue.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::state::{Caller, ClientId, Mode, Ticket, Token};

#[derive(Debug, Default)]
pub(super) struct Lock {
    pub(super) holders: Vec<Hold>,
    /// First come, first served.
    pub(super) queue: VecDeque<Waiter>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) client: ClientId,
    pub(super) token: Token,
    pub(super) pid: i32,
    pub(super) mode: Mode,
    pub(super) since: Instant,
    /// The end of its lease.
    pub(super) until: Option<Instant>,
    /// Who has the lock if its holder dies.
    pub(super) keeper: Option<Caller>,
}

#[derive(Debug, Clone)]
pub(super) struct Waiter {
    pub(super) client: ClientId,
    pub(super) token: Token,
    pub(super) pid: i32,
    pub(super) mode: Mode,
    pub(super) ticket: Ticket,
    pub(super) since: Instant,
    /// When it gives up.
    pub(super) until: Option<Instant>,
    /// How long it will have the lock.
    pub(super) lease: Option<Duration>,
}

impl Lock {
    /// Whether the holders leave room for one more of this mode.
    pub(super) fn admits(&self, mode: Mode) -> bool {
        let all_shared = || self.holders.iter().all(|hold| hold.mode == Mode::Shared);
        self.holders.is_empty() || mode == Mode::Shared && all_shared()
    }

    pub(super) fn is_unused(&self) -> bool {
        self.holders.is_empty() && self.queue.is_empty()
    }

    pub(super) fn take_hold(&mut self, client: ClientId, token: Token) -> Option<Hold> {
        let is_it = |hold: &Hold| (hold.client, hold.token) == (client, token);
        let index = self.holders.iter().position(is_it)?;
        Some(self.holders.remove(index))
    }

    pub(super) fn hold_mut(&mut self, client: ClientId, token: Token) -> Option<&mut Hold> {
        let is_it = |hold: &&mut Hold| (hold.client, hold.token) == (client, token);
        self.holders.iter_mut().find(is_it)
    }

    pub(super) fn take_waiter(&mut self, client: ClientId, token: Token) -> Option<Waiter> {
        let is_it = |waiter: &Waiter| (waiter.client, waiter.token) == (client, token);
        let index = self.queue.iter().position(is_it)?;
        self.queue.remove(index)
    }
}
