//! What children cost their parent on Linux, in descriptors and memory. What they cost in time the benchmarks tell.
//!
//! An executable of its own, and one test: it counts what its process has.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use launcher::{Child, Launcher, RendezvousServer};
use mach_ports::{ReceiveRight, platform};
use nix::sys::resource::{Resource, getrlimit};
use rendezvous_tests::events::{no_senders, server};
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = rendezvous_client::key(b"port");
/// It waits for a signal, and makes no Mach call.
const IDLE: &str = "/bin/sleep";

/// Counts the bytes that are allocated.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Waits until this process has no more descriptors than these: what other threads are still to close is no cost.
fn settles_at(expected: usize) {
    let deadline = Instant::now() + LONG;
    while descriptors() > expected {
        assert!(Instant::now() < deadline, "{} > {expected}", descriptors());
        std::thread::yield_now();
    }
    assert_eq!(descriptors(), expected);
}

/// The numbers of all descriptors.
fn numbers() -> impl Iterator<Item = i32> {
    let listed = std::fs::read_dir("/proc/self/fd").unwrap();
    listed.map(|entry| {
        let name = entry.unwrap().file_name();
        name.to_str().unwrap().parse().unwrap()
    })
}

/// Whether this process may have so many that there are numbers for those which stay.
fn has_high_numbers() -> bool {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    soft >= 2048
}

/// Launches a child that does nothing and has a port waiting.
fn idle(server: &RendezvousServer, port: &ReceiveRight) -> Child {
    let right = port.make_send().unwrap();
    let mut launcher = Launcher::new(IDLE);
    launcher
        .arg("600")
        .server(server)
        .port(PORT, right)
        .kill_on_drop(true);
    launcher.spawn().unwrap()
}

#[test]
fn a_child_costs_two_descriptors_then_one_and_little_memory() {
    const COUNT: usize = 200;
    let server = server("costs");
    let port = ReceiveRight::new().unwrap();
    // What is made once is made with the first child, which has as much for itself as each of the others.
    // A launch may have another thread look at the server's name, where its folder may not answer: not each time.
    let at_first = (0..20).map(|_| {
        let _first = idle(&server, &port);
        assert!(platform::wait_for_closings(LONG));
        descriptors() - 2
    });
    let at_first = at_first.min().unwrap();
    settles_at(at_first);

    // Before the claim: its pidfd, and its way to the server.
    let allocated = ALLOCATED.load(Ordering::Relaxed);
    let children: Vec<_> = (0..COUNT).map(|_| idle(&server, &port)).collect();
    settles_at(at_first + 2 * COUNT);
    // What a launch has its child copy is below these.
    if has_high_numbers() {
        let low = numbers().filter(|number| (0..1024).contains(number));
        assert!(low.count() < 128);
    }
    let each = (ALLOCATED.load(Ordering::Relaxed) - allocated) / COUNT;
    assert!(each <= 1536, "{each} bytes for each child");

    drop(children);
    settles_at(at_first);

    // After it: the pidfd alone. (A peer has two pipes.)
    let mut peers: Vec<_> = (0..10)
        .map(|_| {
            let port = ReceiveRight::new().unwrap();
            let right = port.make_send().unwrap();
            let peer = Peer::start(peer!["-"].server(&server).port(PORT, right));
            (peer, port)
        })
        .collect();
    settles_at(at_first + (2 + 2) * peers.len());
    for (peer, port) in &mut peers {
        assert_eq!(peer.ask("connect"), "connected 1");
        // What it does not take is gone, and with it the right's own link.
        assert_eq!(peer.ask("disconnect"), "disconnected");
        no_senders(port);
    }
    settles_at(at_first + (2 + 1) * peers.len());
    drop(peers);
    settles_at(at_first);
}
