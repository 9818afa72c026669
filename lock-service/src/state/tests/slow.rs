//! Random sequences in which looks take their time: a shutdown begins only when nothing can be half done, and nobody who asks for
//! one is forgotten.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::{Bench, id};
use crate::state::{Checked, FAILURE_LIMIT, Ticket, Why};
use crate::status::Status;

const CLIENTS: u64 = 5;
const VOLUMES: u128 = 3;

#[derive(Debug, Clone)]
enum Step {
    Lock(u64, u128, bool),
    Unlock(u64, u128, i32),
    Die(u64),
    Reboot(u64, bool),
    Check(u128, Why),
    /// The end of a look, and whether it launches a helper.
    Look(u128, bool),
    Survey,
    Exit(u128),
    Appear(u128),
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let client = || 1..=CLIENTS;
    let volume = || 1..=VOLUMES;
    let why = prop_oneof![Just(Why::Changed), Just(Why::Unmount), Just(Why::Forced)];
    prop_oneof![
        6 => (client(), volume(), any::<bool>()).prop_map(|(c, v, w)| Lock(c, v, w)),
        8 => (client(), volume(), 0..2).prop_map(|(c, v, s)| Unlock(c, v, s)),
        2 => client().prop_map(Die),
        6 => (client(), any::<bool>()).prop_map(|(c, w)| Reboot(c, w)),
        3 => (volume(), why).prop_map(|(v, w)| Check(v, w)),
        12 => (volume(), prop::bool::weighted(0.2)).prop_map(|(v, l)| Look(v, l)),
        4 => Just(Survey),
        5 => volume().prop_map(Exit),
        1 => volume().prop_map(Appear),
    ]
}

/// What is known of a volume from outside.
#[derive(Debug, Default)]
struct Volume {
    /// The look that goes on: its number, when it began and whether anything has happened that it may have missed.
    look: Option<(u64, usize, bool)>,
    /// When the last look began that has ended and missed nothing.
    seen: Option<usize>,
    helper: Option<i32>,
}

struct Run {
    bench: Bench,
    volumes: BTreeMap<u128, Volume>,
    asked: Vec<Ticket>,
    granted: usize,
    /// Since when there has been somebody who asks.
    wanted: Option<usize>,
    helpers: i32,
}

impl Run {
    fn new() -> Self {
        let mut bench = Bench::new(VOLUMES);
        (bench.world.slow, bench.world.surveys_slowly) = (true, true);
        Self {
            bench,
            volumes: (1..=VOLUMES).map(|v| (v, Volume::default())).collect(),
            asked: Vec::new(),
            granted: 0,
            wanted: None,
            helpers: 1000,
        }
    }

    fn take(&mut self, now: usize, step: &Step) {
        let bench = &mut self.bench;
        match *step {
            Step::Lock(client, volume, wait) => drop(bench.lock(client, volume, wait)),
            Step::Unlock(client, volume, status) => drop(bench.unlock(client, volume, status)),
            Step::Die(client) => bench.die(client),
            Step::Reboot(client, wait) => {
                self.wanted.get_or_insert(now);
                self.asked.push(bench.reboot(client, wait));
            }
            Step::Check(volume, why) => drop(bench.check(volume, why)),
            Step::Look(volume, launches) => self.look(volume, launches),
            Step::Survey => bench.machine.surveyed(Vec::new(), &mut bench.world),
            Step::Exit(volume) => {
                if let Some(pid) = self.volumes.get_mut(&volume).unwrap().helper.take() {
                    bench.exit(volume, pid);
                }
            }
            Step::Appear(volume) => {
                bench.appear(volume);
                self.volumes.insert(volume, Volume::default());
            }
        }
        self.follow(now, step);
    }

    fn look(&mut self, volume: u128, launches: bool) {
        let of = self.volumes.get_mut(&volume).unwrap();
        let Some((number, began, missed)) = of.look.take() else {
            return;
        };
        let forced = self.bench.world.begun[&id(volume)].1 == Why::Forced;
        if !missed && !forced {
            of.seen = Some(began);
        }
        let mut helper = None;
        let (machine, world) = (&mut self.bench.machine, &mut self.bench.world);
        let pid = self.helpers + 1;
        let launch = || {
            helper = launches.then_some(pid);
            helper.map_or(Checked::Clean, Checked::Launched)
        };
        machine.looked(id(volume), number, launch, world);
        if helper.is_some() {
            (of.helper, self.helpers) = (helper, pid);
        }
    }

    /// Learns what a step has led to, and that it was right.
    fn follow(&mut self, now: usize, step: &Step) {
        let snapshot = self.bench.machine.snapshot(self.bench.now);
        let statuses = self.asked.iter().map(|ticket| self.bench.status(*ticket));
        let statuses: Vec<_> = statuses.collect();
        let granted = Some(Status::GRANTED.get());
        let count = statuses.iter().filter(|status| **status == granted).count();
        let was_granted = count > self.granted;
        self.granted = count;
        for (number, of) in &mut self.volumes {
            let locked = |lock: &&crate::state::LockInfo| lock.id == Some(id(*number).into_bytes());
            if snapshot.locks.iter().any(|lock| locked(&lock)) {
                of.seen = None;
                if let Some((_, _, missed)) = &mut of.look {
                    *missed = true;
                }
            }
        }
        if was_granted {
            assert_eq!(snapshot.locks, [], "after {step:?}");
            for (number, of) in &self.volumes {
                let counters = self.bench.machine.volumes[&id(*number)].counters;
                let is_given_up = counters.failures >= FAILURE_LIMIT;
                let is_seen = of.seen >= self.wanted && of.seen.is_some();
                assert!(is_seen || is_given_up, "{number} is {of:?} after {step:?}");
            }
        }
        if statuses.iter().all(Option::is_some) {
            self.wanted = None;
        }
        for (number, of) in &mut self.volumes {
            let looking = self.bench.machine.looking(id(*number));
            if looking != of.look.map(|look| look.0) {
                of.look = looking.map(|look| (look, now, false));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 20_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_shutdown_begins_only_when_nothing_can_be_half_done(steps in proptest::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        let mut now = 0;
        for step in &steps {
            now += 1;
            run.take(now, step);
        }
        // Whoever works comes to an end, and all that is looked at is clean.
        for client in 1..=CLIENTS {
            for volume in 1..=VOLUMES {
                run.take(now, &Step::Unlock(client, volume, 0));
            }
        }
        for _ in 0..=2 * CLIENTS {
            now += 1;
            for volume in 1..=VOLUMES {
                run.take(now, &Step::Exit(volume));
                for client in 1..=CLIENTS {
                    run.take(now, &Step::Unlock(client, volume, 0));
                }
                run.take(now, &Step::Look(volume, false));
                run.take(now, &Step::Survey);
            }
        }
        let open = run.asked.iter().filter(|ticket| run.bench.status(**ticket).is_none());
        prop_assert_eq!(open.count(), 0, "somebody waits still");
    }
}
