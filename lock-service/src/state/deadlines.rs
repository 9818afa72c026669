//! What ends by the clock.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::state::{ClientId, Token};

/// Ends of waits and leases, in order. A place in a lock has one at most: a wait's end first, then its lease's.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BTreeSet<(Instant, ClientId, Token)>);

impl Deadlines {
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.first().map(|(at, ..)| *at)
    }

    pub(super) fn set(&mut self, at: Option<Instant>, client: ClientId, token: Token) {
        self.0.extend(at.map(|at| (at, client, token)));
    }

    pub(super) fn clear(&mut self, at: Option<Instant>, client: ClientId, token: Token) {
        if let Some(at) = at {
            self.0.remove(&(at, client, token));
        }
    }

    /// Takes the next one that has come.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(ClientId, Token)> {
        let (at, client, token) = *self.0.first()?;
        (at <= now).then(|| {
            self.0.pop_first();
            (client, token)
        })
    }
}
