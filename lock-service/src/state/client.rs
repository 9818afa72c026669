//! Those who hold locks and wait for them.

use std::collections::{BTreeMap, HashMap};

use crate::resource::Resource;

/// A client, for as long as it holds or waits for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The client.
    pub client: ClientId,
    /// Its process, by the kernel's word.
    pub pid: i32,
    /// Its effective user, by the kernel's word.
    pub euid: u32,
}

/// The number of a lock among those of one client, which chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(u128);

impl Token {
    /// A number that a client chose.
    #[must_use]
    pub const fn of_client(number: u64) -> Self {
        Self(number as u128)
    }

    /// A number that the machine chose.
    pub(super) const fn own(number: u64) -> Self {
        Self(1 << 64 | number as u128)
    }
}

#[derive(Debug, Default)]
pub(super) struct Clients(HashMap<ClientId, Client>);

/// What a client holds and waits for.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) pid: i32,
    /// Each place in a lock, as its holder or in its queue.
    pub(super) places: BTreeMap<Token, Resource>,
    /// How often it holds the reboot lock, waits for it or asks for it.
    pub(super) reboot: u32,
    /// The lock of another client that goes on to this one if that dies.
    pub(super) keeps: Option<(ClientId, Token, Resource)>,
}

impl Clients {
    pub(super) fn get(&self, id: ClientId) -> Option<&Client> {
        self.0.get(&id)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<ClientId> {
        let mut ids: Vec<_> = self.0.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The client that asks, known from now on.
    pub(super) fn enter(&mut self, caller: &Caller) -> &mut Client {
        self.0.entry(caller.client).or_insert_with(|| Client {
            pid: caller.pid,
            places: BTreeMap::new(),
            reboot: 0,
            keeps: None,
        })
    }

    pub(super) fn leave_place(&mut self, id: ClientId, token: Token) {
        if let Some(client) = self.0.get_mut(&id) {
            client.places.remove(&token);
        }
    }

    pub(super) fn leave_reboot(&mut self, id: ClientId) {
        if let Some(client) = self.0.get_mut(&id) {
            client.reboot = client.reboot.saturating_sub(1);
        }
    }

    /// It keeps no other's lock any more: what it kept.
    pub(super) fn keep_nothing(&mut self, id: ClientId) -> Option<(ClientId, Token, Resource)> {
        self.0.get_mut(&id)?.keeps.take()
    }

    /// Forgets a client without anything: whether it was one.
    pub(super) fn forget_idle(&mut self, id: ClientId) -> bool {
        let is_idle = |client: &Client| {
            client.places.is_empty() && client.reboot == 0 && client.keeps.is_none()
        };
        if self.get(id).is_some_and(is_idle) {
            self.0.remove(&id);
            return true;
        }
        false
    }

    pub(super) fn processes(&self) -> impl Iterator<Item = i32> {
        self.0.values().map(|client| client.pid)
    }

    /// The clients of a process.
    pub(super) fn of_process(&self, pid: i32) -> Vec<ClientId> {
        let is_its = |(id, client): (&ClientId, &Client)| (client.pid == pid).then_some(*id);
        let mut ids: Vec<_> = self.0.iter().filter_map(is_its).collect();
        ids.sort_unstable();
        ids
    }
}
