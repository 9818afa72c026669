//! Fifty clients, of which some are killed, some stopped, and some drop their ports.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lock_service::state::{ClientId, End, Event, Happening, NewVolume, Snapshot};
use lock_service::{LockClient, LockOptions, LockService, Resource, Uuid};
use mach_ports::SendRight;

use crate::peer::{Process, SOON, process};
use crate::watcher::{id, volume};

const PROCESSES: u64 = 10;
const CLIENTS: u64 = 5;
const VOLUMES: u128 = 2;
const ROUNDS: u32 = if cfg!(debug_assertions) { 6 } else { 60 };

/// Numbers that are the same each time.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What each of a process's clients does. A file stands for what is being worked on: it is there while somebody works, and
/// after a death; so who finds it must have been told of one. How often that was not so.
pub(crate) fn contend(service: &SendRight, seed: u64, folder: &Path) -> u32 {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (seed, service) = (seed * CLIENTS + number + 1, service.clone());
                scope.spawn(move || contend_once(&service, seed, folder))
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum()
    })
}

fn contend_once(service: &SendRight, seed: u64, folder: &Path) -> u32 {
    let mut numbers = Numbers::new(seed);
    let mut client = LockClient::open(service.clone()).unwrap();
    let mut wrong = 0;
    for _ in 0..ROUNDS {
        let volume = 1 + u128::from(numbers.below(2));
        let resource = Resource::Id(id(volume));
        let guard = client.lock(&resource, &LockOptions::new()).unwrap();
        let file = folder.join(volume.to_string());
        let is_there = File::create_new(&file).is_err();
        wrong += u32::from(is_there && !guard.previous_died());
        thread::sleep(Duration::from_micros(numbers.below(300)));
        if numbers.below(10) == 0 {
            // Drops its port in the middle of the work.
            guard.leak();
            client = LockClient::open(service.clone()).unwrap();
        } else {
            wrong += u32::from(fs::remove_file(&file).is_err());
            guard.unlock(0).unwrap();
        }
    }
    wrong
}

/// Follows the events, and knows from them what must be so.
#[derive(Debug, Default)]
struct Model {
    locks: HashMap<Resource, Lock>,
    wrong: Vec<String>,
}

#[derive(Debug, Default)]
struct Lock {
    holder: Option<ClientId>,
    queue: Vec<ClientId>,
    failures: u32,
    grants: u32,
}

impl Model {
    fn see(&mut self, event: &Event) {
        let (Some(client), Some(resource)) = (event.client, &event.resource) else {
            return;
        };
        let lock = self.locks.entry(resource.clone()).or_default();
        let is_right = match event.happening {
            Happening::Waits => {
                lock.queue.push(client);
                lock.holder.is_some()
            }
            Happening::WaitsNoMore => {
                let place = lock.queue.iter().position(|waiter| *waiter == client);
                place.map(|place| lock.queue.remove(place)).is_some()
            }
            Happening::Locked(_) => {
                let was_free = lock.holder.replace(client).is_none();
                lock.grants += 1;
                was_free && (lock.queue.is_empty() || lock.queue.remove(0) == client)
            }
            Happening::Ended(end) => {
                lock.failures = if end == End::Unlocked(0) {
                    0
                } else {
                    lock.failures + 1
                };
                lock.holder.take() == Some(client)
            }
            _ => true,
        };
        if !is_right {
            self.wrong.push(format!("{event:?} with {lock:?}"));
        }
    }

    fn compare(&self, snapshot: &Snapshot) {
        for volume in &snapshot.volumes {
            let lock = &self.locks[&Resource::Id(Uuid::from_bytes(volume.id))];
            assert_eq!(volume.failures, lock.failures);
            assert_eq!((lock.holder, &*lock.queue), (None, &[][..]));
        }
    }
}

#[test]
fn fifty_clients_that_come_to_harm() {
    let model = Arc::new(Mutex::new(Model::default()));
    let seen = Arc::clone(&model);
    let volumes: Vec<NewVolume> = (1..=VOLUMES).map(volume).collect();
    let service = LockService::builder()
        .ready_with(volumes)
        .observer(move |event| seen.lock().unwrap().see(event))
        .start()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let processes: Vec<Process> = (0..PROCESSES)
        .map(|_| process(Some(service.right())))
        .collect();
    let path = folder.path().to_str().unwrap().as_bytes();
    let results: Vec<_> = thread::scope(|scope| {
        let contenders: Vec<_> = (0..)
            .zip(&processes)
            .map(|(seed, process)| scope.spawn(move || process.orders.contend(seed, path)))
            .collect();
        harm(&model, &processes);
        contenders
            .into_iter()
            .map(|contender| contender.join().unwrap())
            .collect()
    });
    for (result, harmed) in results.iter().zip(0..) {
        match result {
            Ok(wrong) => assert_eq!(*wrong, 0, "of process {harmed}"),
            Err(error) => assert!(harmed < 4, "{harmed}: {error:?}"),
        }
    }
    drop(processes);
    let begun = Instant::now();
    loop {
        let snapshot = service.handle().snapshot();
        let model = model.lock().unwrap();
        assert_eq!(model.wrong, [""; 0]);
        if snapshot.locks.is_empty() {
            model.compare(&snapshot);
            break;
        }
        assert!(begun.elapsed() < SOON, "{snapshot:?}");
    }
}

/// Kills two processes and stops two, of which it kills one, while the work goes on.
fn harm(model: &Mutex<Model>, processes: &[Process]) {
    let grants = || -> u32 {
        model
            .lock()
            .unwrap()
            .locks
            .values()
            .map(|lock| lock.grants)
            .sum()
    };
    let begun = Instant::now();
    while grants() < 20 {
        assert!(begun.elapsed() < SOON);
        thread::yield_now();
    }
    processes[0].child.kill().unwrap();
    processes[1].stop();
    processes[2].stop();
    // Sooner or later they have the locks, or are the next to have them.
    thread::sleep(Duration::from_millis(20));
    processes[3].child.kill().unwrap();
    processes[1].child.signal(libc::SIGCONT).unwrap();
    processes[2].child.kill().unwrap();
}
