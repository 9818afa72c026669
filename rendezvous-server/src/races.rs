//! Launches, requests, exits, and the server's end, in all orders that a scheduler can think of.
//!
//! The threads of each test are shuttle's, and so are the locks: a thread may be changed for another wherever one is taken.
//! What is kept for a process is a [`Ports`], which notes what becomes of it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use parking_lot::lock_api::{GuardSend, RawMutex, RawRwLock};
use shuttle::thread::{self, JoinHandle, yield_now};

use crate::registry::Registry;

/// How many orders each test tries.
const ORDERS: usize = 500;

struct Lock(AtomicBool);

// SAFETY: who has swapped `true` in has found `false`, and nobody else finds that until it is stored again.
unsafe impl RawMutex for Lock {
    const INIT: Self = Self(AtomicBool::new(false));
    type GuardMarker = GuardSend;

    fn lock(&self) {
        yield_now();
        while !self.try_lock() {
            yield_now();
        }
    }

    fn try_lock(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }

    unsafe fn unlock(&self) {
        self.0.store(false, Ordering::SeqCst);
        yield_now();
    }
}

/// How many read, or [`WRITTEN`].
struct Gate(AtomicUsize);

const WRITTEN: usize = usize::MAX;

// SAFETY: it is written by one at most, and only while nobody reads: a change from 0 is one step.
unsafe impl RawRwLock for Gate {
    const INIT: Self = Self(AtomicUsize::new(0));
    type GuardMarker = GuardSend;

    fn lock_shared(&self) {
        yield_now();
        while !self.try_lock_shared() {
            yield_now();
        }
    }

    fn try_lock_shared(&self) -> bool {
        let more = |readers| (readers != WRITTEN).then(|| readers + 1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more)
            .is_ok()
    }

    unsafe fn unlock_shared(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        yield_now();
    }

    fn lock_exclusive(&self) {
        yield_now();
        while !self.try_lock_exclusive() {
            yield_now();
        }
    }

    fn try_lock_exclusive(&self) -> bool {
        self.0
            .compare_exchange(0, WRITTEN, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    unsafe fn unlock_exclusive(&self) {
        self.0.store(0, Ordering::SeqCst);
        yield_now();
    }
}

/// What becomes of a process's ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Sent,
    ExitedFirst,
    Stopped,
}

/// The ports of one process, by its number among all that there have been.
#[derive(Debug)]
struct Ports(u32, Arc<Fates>);

/// What has become of whose.
#[derive(Debug, Default)]
struct Fates(Mutex<Vec<(u32, Fate)>>);

impl Ports {
    fn end(self, fate: Fate) {
        self.1.0.lock().unwrap().push((self.0, fate));
    }
}

impl Fates {
    fn of(&self, process: u32) -> Vec<Fate> {
        let all = self.0.lock().unwrap();
        all.iter()
            .filter(|(of, _)| *of == process)
            .map(|(_, fate)| *fate)
            .collect()
    }
}

/// A server of the real table, and what its threads do.
struct Server {
    registry: Registry<Ports, Lock, Gate>,
    fates: Arc<Fates>,
    processes: AtomicU32,
}

impl Server {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            registry: Registry::new(),
            fates: Arc::default(),
            processes: AtomicU32::new(0),
        })
    }

    /// Launches a process with a pid, which does what `lives` says from the moment that it is created, and watches for its exit.
    fn launch(self: &Arc<Self>, pid: i32, lives: fn(&Self, i32, u32)) -> (u32, JoinHandle<()>) {
        let launching = self.registry.begin_launch();
        let process = self.processes.fetch_add(1, Ordering::SeqCst);
        let server = Arc::clone(self);
        let child = thread::spawn(move || lives(&server, pid, process));
        let mut table = self.registry.table();
        let serial = table.reserve();
        let stale = table.insert(pid, serial, Ports(process, Arc::clone(&self.fates)));
        drop(table);
        drop(launching);
        if let Some(stale) = stale {
            stale.end(Fate::ExitedFirst);
        }
        let server = Arc::clone(self);
        let watch = thread::spawn(move || {
            child.join().unwrap();
            if let Some(ports) = server.registry.expire(pid, serial) {
                ports.end(Fate::ExitedFirst);
            }
        });
        (process, watch)
    }

    /// Answers a request: whether there was something for the process that asks, and for no other.
    fn request(&self, pid: i32, process: u32) -> bool {
        let mut locked = self.registry.lock();
        let is_its = locked
            .table
            .get(pid)
            .is_some_and(|ports| ports.0 == process);
        let ports = if is_its {
            locked.table.claim(pid)
        } else {
            None
        };
        drop(locked);
        ports.map(|ports| ports.end(Fate::Sent)).is_some()
    }

    fn stop(&self) {
        for ports in self.registry.table().drain() {
            ports.end(Fate::Stopped);
        }
    }
}

fn asks(server: &Server, pid: i32, process: u32) {
    assert!(
        server.request(pid, process),
        "a child that is faster than its launch gets nothing"
    );
    assert!(!server.request(pid, process), "ports are sent once");
}

fn asks_of_any(server: &Server, pid: i32, process: u32) {
    server.request(pid, process);
}

fn exits(_: &Server, _: i32, _: u32) {}

#[test]
fn a_child_is_answered_however_fast_it_is() {
    let test = || {
        let server = Server::new();
        let (one, first) = server.launch(1, asks);
        let beside = {
            let server = Arc::clone(&server);
            thread::spawn(move || server.launch(2, asks))
        };
        let (two, second) = beside.join().unwrap();
        first.join().unwrap();
        second.join().unwrap();
        for process in [one, two] {
            assert_eq!(server.fates.of(process), [Fate::Sent]);
        }
    };
    shuttle::check_random(test, ORDERS);
    shuttle::check_pct(test, ORDERS, 3);
}

#[test]
fn an_exit_that_is_noticed_late_takes_nothing_from_the_next_of_that_pid() {
    let test = || {
        let server = Server::new();
        // Nobody has noticed the exit when the pid is another's.
        let (one, first) = server.launch(7, exits);
        let (two, second) = server.launch(7, asks);
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(server.fates.of(one), [Fate::ExitedFirst]);
        assert_eq!(server.fates.of(two), [Fate::Sent]);
    };
    shuttle::check_random(test, ORDERS);
    shuttle::check_pct(test, ORDERS, 3);
}

#[test]
fn whatever_comes_together_each_collection_ends_once() {
    let test = || {
        let server = Server::new();
        let stopper = {
            let server = Arc::clone(&server);
            thread::spawn(move || server.stop())
        };
        let (one, first) = server.launch(1, asks_of_any);
        let (two, second) = server.launch(1, exits);
        let (three, third) = server.launch(2, asks_of_any);
        for thread in [stopper, first, second, third] {
            thread.join().unwrap();
        }
        server.stop();
        for process in [one, two, three] {
            assert_eq!(server.fates.of(process).len(), 1, "of {process}");
        }
        assert_eq!(server.registry.table().iter().count(), 0);
    };
    shuttle::check_random(test, ORDERS);
    shuttle::check_pct(test, ORDERS, 3);
}
