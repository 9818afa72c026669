//! The model: plain lists, worked off anew after each step.

use std::collections::{BTreeMap, BTreeSet};

use crate::resource::Resource;
use crate::state::{ATTEMPT_LIMIT, FAILURE_LIMIT, Mode, Ticket, Why};

use super::super::world::id;

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) client: u64,
    pub(super) token: u64,
    pub(super) ticket: Ticket,
    pub(super) mode: Mode,
    /// The end of the wait, then of the lease. In seconds.
    pub(super) ends: Option<u64>,
    pub(super) lease: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Helper {
    pub(super) pid: u64,
    pub(super) forced: bool,
    pub(super) done: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Volume {
    pub(super) attempts: u32,
    pub(super) failures: u32,
    pub(super) helper: Option<Helper>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Lock {
    pub(super) holders: Vec<Place>,
    pub(super) queue: Vec<Place>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) volumes: BTreeMap<u128, Volume>,
    pub(super) locks: BTreeMap<Resource, Lock>,
    pub(super) reboot_holder: Option<u64>,
    pub(super) reboot_waiter: Option<(u64, Ticket)>,
    pub(super) stale: BTreeSet<u128>,
    pub(super) deaf: BTreeSet<Ticket>,
    pub(super) answers: BTreeMap<Ticket, i32>,
    pub(super) now: u64,
    pub(super) launches: u64,
}

/// The number of a volume, if a resource is one that could be one.
pub(super) fn number(resource: &Resource) -> Option<u128> {
    match resource {
        Resource::Id(id) => Some(id.as_u128()),
        Resource::Name(_) => None,
    }
}

impl Model {
    pub(super) fn volume_of(&mut self, resource: &Resource) -> Option<&mut Volume> {
        self.volumes.get_mut(&number(resource)?)
    }

    pub(super) fn is_volume(&self, resource: &Resource) -> bool {
        number(resource).is_some_and(|number| self.volumes.contains_key(&number))
    }

    pub(super) fn answer(&mut self, ticket: Ticket, status: i32) {
        if !self.deaf.contains(&ticket) {
            self.answers.insert(ticket, status);
        }
    }

    /// Whether a new place would be granted at once.
    pub(super) fn is_free(&self, resource: &Resource, mode: Mode) -> bool {
        self.locks
            .get(resource)
            .is_none_or(|lock| lock.queue.is_empty() && admits(&lock.holders, mode))
    }

    pub(super) fn enter(&mut self, resource: &Resource, place: Place) {
        let lock = self.locks.entry(resource.clone()).or_default();
        lock.queue.push(place);
        self.serve(resource);
    }

    /// Gives a lock to whoever is first and can have it, as long as there is one.
    pub(super) fn serve(&mut self, resource: &Resource) {
        while let Some(lock) = self.locks.get_mut(resource) {
            if lock.holders.is_empty() && lock.queue.is_empty() {
                self.locks.remove(resource);
                return;
            }
            match lock.queue.first() {
                Some(first) if admits(&lock.holders, first.mode) => {}
                _ => return,
            }
            let mut first = lock.queue.remove(0);
            if self.deaf.contains(&first.ticket) {
                continue;
            }
            first.ends = first.lease.map(|lease| self.now + lease);
            lock.holders.push(first.clone());
            self.answers.insert(first.ticket, 0);
        }
    }

    /// Work on a volume has ended, well or badly.
    pub(super) fn count(&mut self, resource: &Resource, pid: u64, good: bool) {
        let Some(volume) = self.volume_of(resource) else {
            return;
        };
        if let Some(helper) = &mut volume.helper
            && helper.pid == pid
        {
            helper.done = true;
            if helper.forced {
                return;
            }
        }
        if good {
            (volume.attempts, volume.failures) = (0, 0);
        } else {
            volume.failures += 1;
        }
    }

    /// Looks at a volume: whether somebody is at work on it then.
    pub(super) fn look(&mut self, number: u128, why: Why) -> bool {
        let resource = Resource::Id(id(number));
        let Some(volume) = self.volumes.get_mut(&number) else {
            return false;
        };
        if self
            .locks
            .get(&resource)
            .is_some_and(|lock| !lock.holders.is_empty())
        {
            return true;
        }
        if self.reboot_holder.is_some() {
            return false;
        }
        if volume.helper.is_some_and(|helper| !helper.done) {
            return true;
        }
        let tired = volume.attempts >= ATTEMPT_LIMIT;
        let failed = volume.failures >= FAILURE_LIMIT;
        let gives_up = match why {
            Why::Forced => false,
            Why::Appeared | Why::Changed => tired,
            Why::Shutdown | Why::Unmount => tired || failed,
        };
        if gives_up || !self.stale.contains(&number) && why != Why::Forced {
            return false;
        }
        let forced = why == Why::Forced;
        volume.attempts += u32::from(!forced);
        self.launches += 1;
        volume.helper = Some(Helper {
            pid: super::steps::FIRST_HELPER + self.launches,
            forced,
            done: false,
        });
        true
    }

    /// Whether any volume is busy. If none is, who waits to shut down does so.
    pub(super) fn look_at_all(&mut self) -> bool {
        if self.reboot_holder.is_some() {
            return false;
        }
        let numbers: Vec<_> = self.volumes.keys().copied().collect();
        let busy = numbers
            .into_iter()
            .filter(|number| self.look(*number, Why::Shutdown))
            .count();
        if busy == 0
            && let Some((client, ticket)) = self.reboot_waiter.take()
            && !self.deaf.contains(&ticket)
        {
            self.reboot_holder = Some(client);
            self.answers.insert(ticket, 0);
        }
        busy > 0
    }

    pub(super) fn look_if_waited(&mut self) {
        if self.reboot_waiter.is_some() {
            self.look_at_all();
        }
    }

    /// A lock or a wait has ended: the next one.
    pub(super) fn after(&mut self, resource: &Resource) {
        self.serve(resource);
        if self.is_volume(resource) {
            self.look_if_waited();
        }
    }
}

fn admits(holders: &[Place], mode: Mode) -> bool {
    let shared = |place: &Place| place.mode == Mode::Shared;
    holders.is_empty() || mode == Mode::Shared && holders.iter().all(shared)
}
