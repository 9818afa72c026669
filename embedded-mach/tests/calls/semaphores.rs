//! What is more about semaphores than waiting and signalling.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use embedded_mach::clock_types::mach_timespec_t;
use embedded_mach::extra::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_init::mach_thread_self;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::semaphore::*;
use embedded_mach::sync_policy::SYNC_POLICY_FIFO;

use super::support::{deallocate, ok, port, release_port, task};

const SOON: mach_timespec_t = mach_timespec_t {
    tv_sec: 10,
    tv_nsec: 0,
};
const NOW: mach_timespec_t = mach_timespec_t {
    tv_sec: 0,
    tv_nsec: 0,
};

/// A semaphore, destroyed at the end.
struct Semaphore(u32);

impl Semaphore {
    fn new(value: i32) -> Self {
        let mut name = MACH_PORT_NULL;
        // SAFETY: `name` can be written.
        ok(unsafe { semaphore_create(task(), &mut name, SYNC_POLICY_FIFO, value) });
        Self(name)
    }

    fn poll(&self) -> kern_return_t {
        // SAFETY: takes a name.
        unsafe { semaphore_timedwait(self.0, NOW) }
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: takes names.
        ok(unsafe { semaphore_destroy(task(), self.0) });
    }
}

/// Calls until it is no longer as if nobody waited: the threads that will are on their way.
fn once_waiting(call: impl Fn() -> kern_return_t) -> kern_return_t {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match call() {
            KERN_NOT_WAITING if Instant::now() < deadline => thread::yield_now(),
            code => return code,
        }
    }
}

#[test]
fn a_thread_is_woken_by_its_port_and_no_other() {
    let semaphore = Semaphore::new(0);
    let name = semaphore.0;
    let threads = [(); 2].map(|()| {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            // SAFETY: takes a name; the reference is given back below.
            unsafe {
                tell.send(mach_thread_self()).unwrap();
                semaphore_timedwait(name, SOON)
            }
        });
        (told.recv().unwrap(), thread)
    });
    let [(first, other), (second, meant)] = threads;
    // SAFETY: takes names.
    let wake = |port| once_waiting(|| unsafe { semaphore_signal_thread(name, port) });
    ok(wake(second));
    ok(meant.join().unwrap());
    assert_eq!(semaphore.poll(), KERN_OPERATION_TIMED_OUT);
    ok(wake(MACH_PORT_NULL));
    ok(other.join().unwrap());
    assert_eq!(
        semaphore.poll(),
        KERN_OPERATION_TIMED_OUT,
        "nothing is left"
    );
    deallocate(first);
    deallocate(second);
}

#[test]
fn nobody_to_wake() {
    let semaphore = Semaphore::new(1);
    // SAFETY: takes names; the reference is given back below.
    unsafe {
        let own = mach_thread_self();
        for thread in [MACH_PORT_NULL, own] {
            let code = semaphore_signal_thread(semaphore.0, thread);
            assert_eq!(code, KERN_NOT_WAITING);
        }
        let code = semaphore_signal_thread(semaphore.0, semaphore.0);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        deallocate(own);
    }
    ok(semaphore.poll());
    assert_eq!(semaphore.poll(), KERN_OPERATION_TIMED_OUT);
}

#[test]
fn signalling_one_and_waiting_for_another() {
    let (ping, pong) = (Semaphore::new(0), Semaphore::new(0));
    let (a, b) = (ping.0, pong.0);
    // SAFETY: takes names.
    let other = thread::spawn(move || unsafe {
        ok(semaphore_timedwait(a, SOON));
        // To all: who signals and waits counts as one that waits before the signal is seen.
        ok(semaphore_signal_all(b));
    });
    // SAFETY: takes names.
    ok(unsafe { semaphore_timedwait_signal(b, a, SOON) });
    other.join().unwrap();
    // SAFETY: takes names.
    unsafe {
        let code = semaphore_timedwait_signal(b, a, NOW);
        assert_eq!(code, KERN_OPERATION_TIMED_OUT);
        ok(semaphore_wait_signal(a, b));
        ok(pong.poll());
        let never = mach_timespec_t {
            tv_sec: 0,
            tv_nsec: -1,
        };
        assert_eq!(semaphore_timedwait_signal(b, a, never), KERN_INVALID_VALUE);
        let stranger = port();
        assert_eq!(semaphore_wait_signal(a, stranger), KERN_INVALID_RIGHT);
        assert_eq!(semaphore_wait_signal(task(), a), KERN_INVALID_CAPABILITY);
        release_port(stranger);
    }
    assert_eq!(ping.poll(), KERN_OPERATION_TIMED_OUT);
}
