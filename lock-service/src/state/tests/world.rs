//! A world for a machine: remembers what was asked of it, and answers as the test says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::{
    Acquire, Answer, Caller, Checked, ClientId, Event, Machine, Mode, NewVolume, Outside, Policy,
    Ticket, Token, Wait, Why,
};

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) answers: BTreeMap<Ticket, Answer>,
    /// Who cannot be told anything.
    pub(super) deaf: BTreeSet<Ticket>,
    pub(super) released: Vec<ClientId>,
    pub(super) owners: BTreeMap<Uuid, bool>,
    pub(super) found: BTreeMap<Uuid, VecDeque<Checked>>,
    /// Volumes that are found stale whenever nothing else is said of them; their helpers are numbered from 1001 on.
    pub(super) stale: BTreeSet<Uuid>,
    launched: i32,
    pub(super) looked: Vec<(Uuid, Why)>,
    pub(super) surveyed: Vec<NewVolume>,
    pub(super) surveys_slowly: bool,
    /// Whether looks take their time; how many have begun, and the last one at each volume.
    pub(super) slow: bool,
    pub(super) looks: u64,
    pub(super) begun: BTreeMap<Uuid, (u64, Why)>,
    /// The number by which the next helper's work is finished.
    pub(super) finishes: Option<u64>,
    pub(super) events: Vec<Event>,
}

impl Outside for World {
    fn answer(&mut self, ticket: Ticket, answer: Answer) -> bool {
        if self.deaf.contains(&ticket) {
            return false;
        }
        let before = self.answers.insert(ticket, answer);
        assert_eq!(before, None, "{ticket:?} was answered twice");
        true
    }

    fn released(&mut self, client: ClientId) {
        self.released.push(client);
    }

    fn check(&mut self, volume: Uuid, why: Why) -> Checked {
        self.looked.push((volume, why));
        if self.slow {
            self.looks += 1;
            self.begun.insert(volume, (self.looks, why));
            return Checked::Looking(self.looks);
        }
        let found = self.found.get_mut(&volume).and_then(VecDeque::pop_front);
        found.unwrap_or_else(|| {
            if why != Why::Forced && !self.stale.contains(&volume) {
                return Checked::Clean;
            }
            self.launched += 1;
            Checked::Launched(1000 + self.launched)
        })
    }

    fn finish(&mut self, _: Uuid, _: i32) -> Option<u64> {
        self.finishes.take()
    }

    fn set_owners(&mut self, volume: Uuid, on: bool) {
        let before = self.owners.insert(volume, on);
        assert_ne!(before, Some(on), "owners of {volume} were so before");
    }

    fn survey(&mut self) -> Option<Vec<NewVolume>> {
        if self.surveys_slowly {
            return None;
        }
        Some(std::mem::take(&mut self.surveyed))
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// A machine, its world and its time.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) machine: Machine,
    pub(super) world: World,
    pub(super) now: Instant,
    tickets: u64,
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The client with a number has a process with the same one.
pub(super) fn caller(client: u64) -> Caller {
    Caller {
        client: ClientId(client),
        pid: i32::try_from(client).unwrap(),
        euid: 0,
    }
}

impl Bench {
    /// With volumes that are numbered from 1.
    pub(super) fn new(volumes: u128) -> Self {
        let mut bench = Self {
            machine: Machine::new(Policy::new()),
            world: World::default(),
            now: Instant::now(),
            tickets: 0,
        };
        for number in 1..=volumes {
            bench.appear(number);
        }
        bench.machine.set_ready();
        bench
    }

    pub(super) fn appear(&mut self, number: u128) {
        let new = NewVolume {
            id: id(number),
            name: format!("volume {number}").into(),
        };
        self.world.owners.remove(&id(number));
        self.machine.volume_appeared(new, &mut self.world);
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub(super) fn lock(&mut self, client: u64, volume: u128, wait: bool) -> Ticket {
        let ticket = self.ticket();
        let (now, world) = (self.now, &mut self.world);
        self.machine
            .lock_volume(&caller(client), id(volume), wait, ticket, now, world);
        ticket
    }

    pub(super) fn unlock(&mut self, client: u64, volume: u128, status: i32) -> bool {
        let (now, world) = (self.now, &mut self.world);
        self.machine
            .unlock_volume(&caller(client), id(volume), status, now, world)
            .is_ok()
    }

    pub(super) fn reboot(&mut self, client: u64, wait: bool) -> Ticket {
        let ticket = self.ticket();
        self.machine
            .lock_reboot(&caller(client), wait, ticket, &mut self.world);
        ticket
    }

    pub(super) fn acquire(
        &mut self,
        client: u64,
        token: u64,
        resource: &Resource,
        mode: Mode,
        wait: Wait,
        lease: Option<Duration>,
    ) -> Ticket {
        let ticket = self.ticket();
        let request = Acquire {
            resource: resource.clone(),
            token: Token::of_client(token),
            mode,
            wait,
            lease,
        };
        let (now, world) = (self.now, &mut self.world);
        self.machine
            .acquire(&caller(client), request, ticket, now, world);
        ticket
    }

    pub(super) fn release(&mut self, client: u64, token: u64) {
        let (now, world) = (self.now, &mut self.world);
        let token = Token::of_client(token);
        self.machine.release(ClientId(client), token, 0, now, world);
    }

    pub(super) fn die(&mut self, client: u64) {
        let (now, world) = (self.now, &mut self.world);
        self.machine.client_died(ClientId(client), now, world);
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.machine.expire(self.now, &mut self.world);
    }

    pub(super) fn find(&mut self, volume: u128, found: Checked) {
        self.world
            .found
            .entry(id(volume))
            .or_default()
            .push_back(found);
    }

    pub(super) fn check(&mut self, volume: u128, why: Why) -> crate::state::CheckOutcome {
        self.machine.check(id(volume), why, &mut self.world)
    }

    /// The end of a look with a number.
    pub(super) fn looked(
        &mut self,
        volume: u128,
        number: u64,
        checked: Checked,
    ) -> crate::state::CheckOutcome {
        self.machine
            .looked(id(volume), number, || checked, &mut self.world)
    }

    pub(super) fn unmount(&mut self, volume: u128) -> crate::state::Unmount {
        let looked = self.check(volume, Why::Unmount);
        self.machine.unmount(id(volume), looked)
    }

    pub(super) fn exit(&mut self, volume: u128, pid: i32) {
        let (now, world) = (self.now, &mut self.world);
        self.machine.helper_exited(id(volume), pid, now, world);
    }

    /// The status of an answer; `None` while it waits.
    pub(super) fn status(&self, ticket: Ticket) -> Option<i32> {
        self.world
            .answers
            .get(&ticket)
            .map(|answer| answer.status.get())
    }

    pub(super) fn counters(&self, volume: u128) -> (u32, u32) {
        let counters = self.machine.volumes[&id(volume)].counters;
        (counters.attempts, counters.failures)
    }
}
