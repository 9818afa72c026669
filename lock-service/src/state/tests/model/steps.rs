//! What can happen, done to the machine and to the model.

use std::time::Duration;

use proptest::prelude::*;

use super::super::world::{Bench, id};
use super::expected::{Lock, Model, Place, Volume};
use crate::resource::Resource;
use crate::state::{Mode, Ticket, Wait, Why};

/// Helpers have process ids from here on, and are the clients with these numbers.
pub(super) const FIRST_HELPER: u64 = 1000;
const CLIENTS: u64 = 5;
const VOLUMES: u128 = 3;

#[derive(Debug, Clone)]
pub(super) enum Step {
    LockVolume(u64, u128, bool),
    Unlock(u64, u128, i32),
    Acquire(u64, usize, Mode, Wait, Option<u64>),
    /// The place of a client with this number among its own.
    Release(u64, usize),
    Die(u64),
    Pass(u64),
    Reboot(u64, bool),
    Appear(u128),
    Disappear(u128),
    Stale(u128, bool),
    Check(u128, Why),
    /// What a volume's helper does, if there is one.
    HelperLocks(u128),
    HelperUnlocks(u128, i32),
    HelperExits(u128),
    /// The waiter with this number among all can be told nothing from now on.
    Deafen(usize),
}

fn resources() -> Vec<Resource> {
    let names = ["a", "b"].map(|name| Resource::named(name).unwrap());
    let ids = (1..=VOLUMES).map(|number| Resource::Id(id(number)));
    names.into_iter().chain(ids).collect()
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let client = || 1..=CLIENTS;
    let volume = || 1..=VOLUMES;
    let mode = prop_oneof![Just(Mode::Shared), Just(Mode::Exclusive)];
    let wait = prop_oneof![
        Just(Wait::Try),
        Just(Wait::Forever),
        (1..8u64).prop_map(|time| Wait::For(Duration::from_secs(time))),
    ];
    let why = prop_oneof![Just(Why::Changed), Just(Why::Unmount), Just(Why::Forced)];
    let lease = proptest::option::of(1..8u64);
    prop_oneof![
        6 => (client(), volume(), any::<bool>()).prop_map(|(c, v, w)| LockVolume(c, v, w)),
        6 => (client(), volume(), 0..2).prop_map(|(c, v, s)| Unlock(c, v, s)),
        8 => (client(), 0..5usize, mode, wait, lease).prop_map(|(c, r, m, w, l)| Acquire(c, r, m, w, l)),
        6 => (client(), 0..6usize).prop_map(|(c, n)| Release(c, n)),
        2 => client().prop_map(Die),
        3 => (1..5u64).prop_map(Pass),
        3 => (client(), any::<bool>()).prop_map(|(c, w)| Reboot(c, w)),
        1 => volume().prop_map(Appear),
        1 => volume().prop_map(Disappear),
        3 => (volume(), any::<bool>()).prop_map(|(v, s)| Stale(v, s)),
        4 => (volume(), why).prop_map(|(v, w)| Check(v, w)),
        4 => volume().prop_map(HelperLocks),
        3 => (volume(), 0..2).prop_map(|(v, s)| HelperUnlocks(v, s)),
        3 => volume().prop_map(HelperExits),
        1 => (0..4usize).prop_map(Deafen),
    ]
}

/// The machine and the model, side by side.
pub(super) struct Run {
    pub(super) bench: Bench,
    pub(super) model: Model,
    token: u64,
    pub(super) begun: std::time::Instant,
}

impl Run {
    pub(super) fn new() -> Self {
        let bench = Bench::new(VOLUMES);
        let mut model = Model::default();
        for number in 1..=VOLUMES {
            model.volumes.insert(number, Volume::default());
        }
        Self {
            begun: bench.now,
            bench,
            model,
            token: 0,
        }
    }

    /// All that may have something.
    pub(super) fn clients(&self) -> Vec<u64> {
        (1..=CLIENTS)
            .chain(FIRST_HELPER..=FIRST_HELPER + self.model.launches)
            .collect()
    }

    /// The places that a client has, in the order of resources.
    fn places(&self, client: u64) -> Vec<(Resource, Place)> {
        let of = |lock: &Lock| {
            let all = lock.holders.iter().chain(&lock.queue);
            all.filter(|place| place.client == client)
                .cloned()
                .collect::<Vec<_>>()
        };
        let locks = self.model.locks.iter();
        locks
            .flat_map(|(resource, lock)| {
                of(lock).into_iter().map(|place| (resource.clone(), place))
            })
            .collect()
    }

    pub(super) fn take(&mut self, step: &Step) {
        self.bench.world.stale = self.model.stale.iter().map(|number| id(*number)).collect();
        match step.clone() {
            Step::LockVolume(client, volume, wait) => self.lock_volume(client, volume, wait),
            Step::Unlock(client, volume, status) => self.unlock(client, volume, status),
            Step::Acquire(client, resource, mode, wait, lease) => {
                self.acquire(client, &resources()[resource], mode, wait, lease);
            }
            Step::Release(client, index) => self.release(client, index),
            Step::Die(client) => {
                self.bench.die(client);
                self.die(client);
            }
            Step::Pass(seconds) => self.pass(seconds),
            Step::Reboot(client, wait) => self.reboot(client, wait),
            Step::Appear(volume) => {
                self.bench.appear(volume);
                self.disappear(volume);
                self.model.volumes.insert(volume, Volume::default());
                self.model.look_if_waited();
                let resource = Resource::Id(id(volume));
                if self.model.locks.contains_key(&resource) {
                    self.bench.world.owners.insert(id(volume), true);
                }
            }
            Step::Disappear(volume) => {
                let (machine, world) = (&mut self.bench.machine, &mut self.bench.world);
                machine.volume_disappeared(id(volume), world);
                world.owners.remove(&id(volume));
                if self.model.volumes.contains_key(&volume) {
                    self.disappear(volume);
                    self.model.look_if_waited();
                }
            }
            Step::Stale(volume, true) => drop(self.model.stale.insert(volume)),
            Step::Stale(volume, false) => drop(self.model.stale.remove(&volume)),
            Step::Check(volume, why) => {
                self.bench.check(volume, why);
                self.model.look(volume, why);
            }
            Step::HelperLocks(volume) => {
                if let Some(helper) = self.helper(volume) {
                    self.lock_volume(helper, volume, true);
                }
            }
            Step::HelperUnlocks(volume, status) => {
                if let Some(helper) = self.helper(volume) {
                    self.unlock(helper, volume, status);
                }
            }
            Step::HelperExits(volume) => self.helper_exits(volume),
            Step::Deafen(index) => self.deafen(index),
        }
    }

    fn helper(&self, volume: u128) -> Option<u64> {
        self.model
            .volumes
            .get(&volume)?
            .helper
            .map(|helper| helper.pid)
    }

    fn place(&mut self, client: u64, token: u64, ticket: Ticket) -> Place {
        Place {
            client,
            token,
            ticket,
            mode: Mode::Exclusive,
            ends: None,
            lease: None,
        }
    }

    fn lock_volume(&mut self, client: u64, volume: u128, wait: bool) {
        let ticket = self.bench.lock(client, volume, wait);
        let resource = Resource::Id(id(volume));
        let model = &mut self.model;
        if model.reboot_holder.is_some() {
            model.answer(ticket, libc::ENOLCK);
        } else if !model.volumes.contains_key(&volume) {
            model.answer(ticket, libc::ENOENT);
        } else if !wait && !model.is_free(&resource, Mode::Exclusive) {
            model.answer(ticket, libc::EBUSY);
        } else {
            // The machine's own numbers come behind all of clients.
            let place = self.place(client, u64::MAX / 2 + ticket.0, ticket);
            self.model.enter(&resource, place);
        }
    }

    fn unlock(&mut self, client: u64, volume: u128, status: i32) {
        let unlocked = self.bench.unlock(client, volume, status);
        let resource = Resource::Id(id(volume));
        let known = self.model.volumes.contains_key(&volume);
        let lock = self.model.locks.get_mut(&resource).filter(|_| known);
        let holders = lock.map(|lock| &mut lock.holders);
        let found = holders.and_then(|holders| {
            let index = holders.iter().position(|place| place.client == client)?;
            Some(holders.remove(index))
        });
        assert_eq!(unlocked, found.is_some());
        if found.is_some() {
            self.model.count(&resource, client, status == 0);
            self.model.after(&resource);
        }
    }

    fn acquire(
        &mut self,
        client: u64,
        resource: &Resource,
        mode: Mode,
        wait: Wait,
        lease: Option<u64>,
    ) {
        self.token += 1;
        let time = lease.map(Duration::from_secs);
        let ticket = self
            .bench
            .acquire(client, self.token, resource, mode, wait, time);
        let is_free = self.model.is_free(resource, mode);
        if self.model.reboot_holder.is_some() && self.model.is_volume(resource) {
            return self.model.answer(ticket, libc::ENOLCK);
        }
        let ends = match wait {
            Wait::Try if !is_free => return self.model.answer(ticket, libc::EBUSY),
            Wait::For(time) if !is_free => Some(self.model.now + time.as_secs()),
            _ => None,
        };
        let place = Place {
            mode,
            ends,
            lease,
            ..self.place(client, self.token, ticket)
        };
        self.model.enter(resource, place);
    }

    fn release(&mut self, client: u64, index: usize) {
        // Volumes' own locks have no number that a client knows.
        let mut places = self.places(client);
        places.retain(|(_, place)| place.token < u64::MAX / 2);
        let Some((resource, place)) = places.get(index) else {
            return;
        };
        self.bench.release(client, place.token);
        self.end(resource, place, Some(libc::ECANCELED), true);
        self.model.after(resource);
    }

    /// Takes a place away. Who waits is told this status.
    fn end(&mut self, resource: &Resource, place: &Place, status: Option<i32>, good: bool) {
        let Some(lock) = self.model.locks.get_mut(resource) else {
            return;
        };
        let waited = lock
            .queue
            .iter()
            .any(|waiter| waiter.ticket == place.ticket);
        lock.queue.retain(|waiter| waiter.ticket != place.ticket);
        lock.holders.retain(|holder| holder.ticket != place.ticket);
        match status {
            Some(status) if waited => self.model.answer(place.ticket, status),
            _ if waited => {}
            _ => self.model.count(resource, place.client, good),
        }
    }

    fn die(&mut self, client: u64) {
        let places = self.places(client);
        let holds = |run: &Self, resource: &Resource, place: &Place| {
            let lock = run.model.locks.get(resource);
            lock.is_some_and(|lock| lock.holders.iter().any(|hold| hold.ticket == place.ticket))
        };
        let mut any_volume = false;
        for wanted in [false, true] {
            for (resource, place) in &places {
                any_volume |= self.model.is_volume(resource);
                if holds(self, resource, place) == wanted {
                    self.end(resource, place, Some(libc::ECANCELED), false);
                }
            }
        }
        for (resource, _) in &places {
            self.model.serve(resource);
        }
        if self.model.reboot_holder == Some(client) {
            self.model.reboot_holder = None;
        }
        if let Some((waiter, ticket)) = self.model.reboot_waiter
            && waiter == client
        {
            self.model.reboot_waiter = None;
            self.model.answer(ticket, libc::ECANCELED);
        }
        if any_volume {
            self.model.look_if_waited();
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.model.now += seconds;
        self.bench.pass(Duration::from_secs(seconds));
        loop {
            // The earliest, then by client and number.
            let locks = self.model.locks.iter();
            let all = locks.flat_map(|(resource, lock)| {
                let places = lock.holders.iter().chain(&lock.queue);
                places.map(move |place| (resource.clone(), place.clone()))
            });
            let due = all.filter(|(_, place)| place.ends.is_some_and(|end| end <= self.model.now));
            let Some((resource, place)) =
                due.min_by_key(|(_, place)| (place.ends, place.client, place.token))
            else {
                return;
            };
            self.end(&resource, &place, Some(libc::ETIMEDOUT), false);
            self.model.after(&resource);
        }
    }

    fn reboot(&mut self, client: u64, wait: bool) {
        let ticket = self.bench.reboot(client, wait);
        let busy = self.model.look_at_all();
        let model = &mut self.model;
        if model.reboot_holder.is_some() {
            model.answer(ticket, libc::EALREADY);
        } else if !busy {
            model.reboot_holder = Some(client);
            model.answer(ticket, 0);
        } else if wait && model.reboot_waiter.is_none() {
            model.reboot_waiter = Some((client, ticket));
        } else {
            model.answer(ticket, libc::EBUSY);
        }
    }

    fn disappear(&mut self, volume: u128) {
        if self.model.volumes.remove(&volume).is_none() {
            return;
        }
        let lock = self.model.locks.remove(&Resource::Id(id(volume)));
        for waiter in lock.unwrap_or_default().queue {
            self.model.answer(waiter.ticket, libc::ENOENT);
        }
    }

    fn helper_exits(&mut self, volume: u128) {
        let Some(pid) = self.helper(volume) else {
            return;
        };
        self.bench.exit(volume, i32::try_from(pid).unwrap());
        self.die(pid);
        let Some(of) = self.model.volumes.get_mut(&volume) else {
            return;
        };
        // It may have been replaced while what it held went on to others.
        let Some(helper) = of.helper.take_if(|helper| helper.pid == pid) else {
            return;
        };
        if !helper.done && !helper.forced {
            of.failures += 1;
        }
        self.model.look_if_waited();
    }

    fn deafen(&mut self, index: usize) {
        let queues = self.model.locks.values().flat_map(|lock| &lock.queue);
        let reboot = self.model.reboot_waiter.iter().map(|(_, ticket)| *ticket);
        let waiting = queues.map(|place| place.ticket).chain(reboot).nth(index);
        self.model.deaf.extend(waiting);
        self.bench.world.deaf.extend(waiting);
    }
}
