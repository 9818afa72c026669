//! What children cost their parent on Linux, in descriptors, memory and time.
//!
//! An executable of its own, and one test: it counts what its process has.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use launcher::{Child, Launcher, RendezvousServer};
use mach_ports::{ReceiveRight, platform};
use rendezvous_tests::events::{no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = rendezvous_client::key(b"port");
/// It waits for a signal, and makes no Mach call.
const IDLE: &str = "/bin/sleep";
const BARE: &CStr = c"/bin/sleep";

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

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits until this process has no more descriptors than these: what other threads are still to close is no cost.
fn settles_at(expected: usize) {
    let deadline = Instant::now() + LONG;
    while descriptors() > expected {
        assert!(Instant::now() < deadline, "{} > {expected}", descriptors());
        std::thread::yield_now();
    }
    assert_eq!(descriptors(), expected);
}

/// Launches a child that does nothing and has a port waiting, and says how long that took.
fn idle(server: &RendezvousServer, port: &ReceiveRight) -> (Child, Duration) {
    let right = port.make_send().unwrap();
    let mut launcher = Launcher::new(IDLE);
    launcher
        .arg("600")
        .server(server)
        .port(PORT, right)
        .kill_on_drop(true);
    let begun = Instant::now();
    let child = launcher.spawn().unwrap();
    (child, begun.elapsed())
}

/// The same of a child by the C library.
fn bare() -> Duration {
    let arguments = [
        BARE.as_ptr().cast_mut(),
        c"600".as_ptr().cast_mut(),
        ptr::null_mut(),
    ];
    let mut pid = 0;
    let begun = Instant::now();
    // SAFETY: strings, lists that end in null, and a place to write; nothing else is asked for.
    let error = unsafe {
        libc::posix_spawn(
            &mut pid,
            BARE.as_ptr(),
            ptr::null(),
            ptr::null(),
            arguments.as_ptr(),
            arguments[2..].as_ptr(),
        )
    };
    let elapsed = begun.elapsed();
    assert_eq!(error, 0);
    // SAFETY: this process's own child, which was not reaped.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, ptr::null_mut(), 0);
    }
    elapsed
}

/// The shortest of some launches, and of as many bare spawns in between.
fn shortest(server: &RendezvousServer, port: &ReceiveRight) -> [Duration; 2] {
    let rounds = (0..60).map(|_| [idle(server, port).1, bare()]);
    rounds
        .reduce(|[a, b], [c, d]| [a.min(c), b.min(d)])
        .unwrap()
}

#[test]
fn a_child_costs_two_descriptors_then_one_little_memory_and_no_time_of_others() {
    const COUNT: usize = 200;
    let server = server("costs");
    let port = ReceiveRight::new().unwrap();
    // What is made once is made with the first child, which has as much for itself as each of the others.
    let first = idle(&server, &port).0;
    assert!(platform::wait_for_closings(LONG));
    let at_first = descriptors() - 2;
    drop(first);
    let few = shortest(&server, &port);
    settles_at(at_first);

    // Before the claim: its pidfd, and its way to the server.
    let allocated = ALLOCATED.load(Ordering::Relaxed);
    let children: Vec<_> = (0..COUNT).map(|_| idle(&server, &port).0).collect();
    settles_at(at_first + 2 * COUNT);
    let each = (ALLOCATED.load(Ordering::Relaxed) - allocated) / COUNT;
    assert!(each <= 1536, "{each} bytes for each child");

    // A launch takes no longer for their sake than the kernel's copying of their descriptors: a bare spawn's difference.
    let many = shortest(&server, &port);
    let allowed = few[0] + many[1].saturating_sub(few[1]);
    assert!(
        many[0] < 2 * allowed,
        "{:?} with {COUNT} children, {:?} without; bare {:?} and {:?}",
        many[0],
        few[0],
        many[1],
        few[1]
    );
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

    // Nor does it matter how large this process is.
    let large = vec![1u8; 64 << 20];
    let with_memory = shortest(&server, &port);
    assert!(
        with_memory[0] < 2 * few[0],
        "{:?} with {} bytes, {:?} without",
        with_memory[0],
        large.len(),
        few[0]
    );
}
