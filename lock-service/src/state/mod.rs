//! Who holds what and who waits, without ports, clocks and processes.
//!
//! A [`Machine`] is told what happens and says by [`Outside`] what is to be done. It never waits.

mod acquire;
mod check;
mod client;
mod counters;
mod deadlines;
mod deaths;
mod finish;
mod hand_over;
mod helper;
mod keep;
mod lock;
mod look;
mod outside;
mod reboot;
mod release;
mod round;
mod snapshot;
mod volume;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use uuid::Uuid;

use crate::resource::Resource;
use client::Clients;
use deadlines::Deadlines;
use deaths::Deaths;
use lock::Lock;
use reboot::Reboot;
use round::Round;
use volume::Volume;

pub use acquire::{Acquire, Mode, Wait};
pub use check::{CheckOutcome, Unmount};
pub use client::{Caller, ClientId, Token};
pub use counters::{ATTEMPT_LIMIT, Counters, FAILURE_LIMIT};
pub use outside::{
    Answer, Checked, End, Event, Happening, NewVolume, Outside, Previous, Ticket, Why,
};
pub use release::NotUnlocked;
pub use snapshot::{Holder, LockInfo, Snapshot, VolumeInfo};

/// Whom the service is for, and how much of it there is for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The effective user that callers must have; `None` lets everybody in.
    pub user: Option<u32>,
    /// How many locks a client may hold or wait for at once.
    pub locks_per_client: usize,
}

impl Policy {
    /// For everybody, with 65,536 locks for each client.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            user: None,
            locks_per_client: 1 << 16,
        }
    }

    /// For callers with this effective user id alone.
    #[must_use]
    pub const fn user(mut self, user: u32) -> Self {
        self.user = Some(user);
        self
    }

    /// Allows each client so many locks at once.
    #[must_use]
    pub const fn locks_per_client(mut self, most: usize) -> Self {
        self.locks_per_client = most;
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

/// All locks, volumes and clients of a service.
#[derive(Debug, Default)]
pub struct Machine {
    policy: Policy,
    /// Whether the volumes are known.
    ready: bool,
    volumes: BTreeMap<Uuid, Volume>,
    /// Locks that somebody holds or waits for.
    locks: HashMap<Resource, Lock>,
    clients: Clients,
    reboot: Reboot,
    round: Round,
    deadlines: Deadlines,
    deaths: Deaths,
    next_number: u64,
}

impl Machine {
    /// A service without volumes that is not set up yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// The volumes are known from now on: until then none can be locked.
    pub const fn set_ready(&mut self) {
        self.ready = true;
    }

    /// When [`expire`](Self::expire) has something to do next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Whether a caller is of the user that the service is for.
    #[must_use]
    pub fn permits(&self, caller: &Caller) -> bool {
        self.policy.user.is_none_or(|user| user == caller.euid)
    }

    /// Whether a client neither holds nor waits for anything.
    #[must_use]
    pub fn is_idle(&self, client: ClientId) -> bool {
        self.clients.get(client).is_none()
    }

    /// The processes of all clients that hold or wait for something, each as often as it has such clients.
    pub fn processes(&self) -> impl Iterator<Item = i32> {
        self.clients.processes()
    }

    /// A number that no other lock of a client has, for those that bring none.
    fn own_token(&mut self) -> Token {
        self.next_number += 1;
        Token::own(self.next_number)
    }

    /// What a client has under a number.
    fn place(&self, client: ClientId, token: Token) -> Option<Resource> {
        self.clients.get(client)?.places.get(&token).cloned()
    }

    /// The volume that a resource is.
    fn volume_mut(&mut self, resource: &Resource) -> Option<(Uuid, &mut Volume)> {
        match resource {
            Resource::Id(id) => self.volumes.get_mut(id).map(|volume| (*id, volume)),
            Resource::Name(_) => None,
        }
    }

    fn is_volume(&self, resource: &Resource) -> bool {
        matches!(resource, Resource::Id(id) if self.volumes.contains_key(id))
    }
}
