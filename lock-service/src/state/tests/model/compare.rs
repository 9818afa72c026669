//! The machine beside the model.

use std::collections::BTreeSet;

use super::expected::Place;
use super::steps::{Run, Step};
use crate::resource::Resource;
use crate::state::ClientId;

impl Run {
    /// Compares everything that can be seen.
    pub(super) fn compare(&self, step: &Step) {
        let (model, bench) = (&self.model, &self.bench);
        let answers = bench.world.answers.iter();
        let answers: Vec<_> = answers
            .map(|(ticket, of)| (*ticket, of.status.get()))
            .collect();
        let expected: Vec<_> = model.answers.clone().into_iter().collect();
        assert_eq!(answers, expected, "answers after {step:?}");

        let snapshot = bench.machine.snapshot(bench.now);
        let pids = |places: &[Place]| {
            places
                .iter()
                .map(|place| place.client as i32)
                .collect::<Vec<_>>()
        };
        let holders =
            |of: &[crate::state::Holder]| of.iter().map(|holder| holder.pid).collect::<Vec<_>>();
        let locks = snapshot.locks.iter();
        let locks: Vec<_> = locks
            .map(|lock| (holders(&lock.holders), holders(&lock.waiters)))
            .collect();
        let expected = model.locks.values();
        let expected: Vec<_> = expected
            .map(|lock| (pids(&lock.holders), pids(&lock.queue)))
            .collect();
        assert_eq!(locks, expected, "locks after {step:?}");
        for lock in &snapshot.locks {
            let alone = lock.holders.iter().all(|holder| holder.shared) || lock.holders.len() == 1;
            assert!(alone, "{lock:?} after {step:?}");
        }

        let volumes = snapshot.volumes.iter();
        let volumes: Vec<_> = volumes
            .map(|of| (of.attempts, of.failures, of.helper))
            .collect();
        let expected = model.volumes.values().map(|of| {
            let helper = of.helper.map(|helper| helper.pid as i32);
            (of.attempts, of.failures, helper)
        });
        assert_eq!(
            volumes,
            expected.collect::<Vec<_>>(),
            "volumes after {step:?}"
        );
        let reboot = (snapshot.reboot_holder, snapshot.reboot_waiter);
        let expected = (
            model.reboot_holder.map(|client| client as i32),
            model.reboot_waiter.map(|(client, _)| client as i32),
        );
        assert_eq!(reboot, expected, "the reboot lock after {step:?}");

        // Owners are respected where somebody holds.
        for (volume, on) in &bench.world.owners {
            let lock = model.locks.get(&Resource::Id(*volume));
            let held = lock.is_some_and(|lock| !lock.holders.is_empty());
            assert_eq!(*on, held, "owners of {volume} after {step:?}");
        }
        // Nothing is kept of clients that have nothing.
        let held = model.locks.values();
        let held = held.flat_map(|lock| lock.holders.iter().chain(&lock.queue));
        let mut clients: BTreeSet<_> = held.map(|place| place.client).collect();
        clients.extend(model.reboot_holder);
        clients.extend(model.reboot_waiter.map(|(client, _)| client));
        let clients: Vec<_> = clients.into_iter().map(ClientId).collect();
        assert_eq!(
            bench.machine.clients.ids(),
            clients,
            "clients after {step:?}"
        );
        let next = bench.machine.next_deadline();
        let places = model
            .locks
            .values()
            .flat_map(|lock| lock.holders.iter().chain(&lock.queue));
        let expected = places.filter_map(|place| place.ends).min();
        let next = next.map(|next| next.duration_since(self.begun).as_secs());
        assert_eq!(next, expected, "the next deadline after {step:?}");
    }

    /// That nothing is left.
    pub(super) fn is_empty(&self) {
        assert!(self.bench.machine.locks.is_empty() && self.bench.machine.clients.is_empty());
    }
}
