//! Semaphores that tasks share.

use std::thread;

use embedded_mach::clock_types::mach_timespec_t;
use embedded_mach::extra::semaphore_signal_all;
use embedded_mach::kern_return::*;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::semaphore::*;
use embedded_mach::sync_policy::SYNC_POLICY_FIFO;
use embedded_mach::traps::mach_task_self;

use crate::second::two;

fn semaphore() -> u32 {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    let code = unsafe { semaphore_create(mach_task_self(), &mut name, SYNC_POLICY_FIFO, 0) };
    assert_eq!(code, KERN_SUCCESS);
    name
}

fn wait(name: u32) -> kern_return_t {
    let soon = mach_timespec_t {
        tv_sec: 20,
        tv_nsec: 0,
    };
    // SAFETY: takes a name and a time.
    unsafe { semaphore_timedwait(name, soon) }
}

fn signal(name: u32) {
    // SAFETY: takes a name.
    assert_eq!(unsafe { semaphore_signal(name) }, KERN_SUCCESS);
}

fn destroy(name: u32) -> kern_return_t {
    // SAFETY: takes names.
    unsafe { semaphore_destroy(mach_task_self(), name) }
}

#[test]
fn signals_go_both_ways() {
    two(
        "semaphores::signals_go_both_ways",
        |pair| {
            let (there, back) = (semaphore(), semaphore());
            pair.send(&[there, back], 0);
            for _ in 0..100 {
                signal(there);
                assert_eq!(wait(back), KERN_SUCCESS);
            }
            // Who waits counts already when the message comes.
            pair.receive();
            while wait_is_over(back) {
                // SAFETY: takes a name.
                assert_eq!(unsafe { semaphore_signal_all(there) }, KERN_SUCCESS);
                thread::yield_now();
            }
        },
        |pair| {
            let [there, back] = pair.rights();
            for _ in 0..100 {
                assert_eq!(wait(there), KERN_SUCCESS);
                signal(back);
            }
            pair.send(&[], 0);
            assert_eq!(wait(there), KERN_SUCCESS, "all are meant");
            signal(back);
        },
    );
}

/// Whether nothing was there to be taken.
fn wait_is_over(name: u32) -> bool {
    let now = mach_timespec_t::default();
    // SAFETY: takes a name and a time.
    match unsafe { semaphore_timedwait(name, now) } {
        KERN_OPERATION_TIMED_OUT => true,
        code => {
            assert_eq!(code, KERN_SUCCESS);
            false
        }
    }
}

#[test]
fn a_semaphore_has_one_name_in_each_task() {
    two(
        "semaphores::a_semaphore_has_one_name_in_each_task",
        |pair| {
            let name = semaphore();
            pair.send(&[name, name], 0);
            let [home] = pair.rights();
            assert_eq!(home, name);
            pair.send(&[name], 0);
            pair.receive();
            assert_eq!(destroy(name), KERN_SUCCESS);
        },
        |pair| {
            let [name, again] = pair.rights();
            assert_eq!(name, again);
            pair.send(&[name], 0);
            assert_eq!(pair.rights(), [name]);
            assert_eq!(destroy(name), KERN_INVALID_ARGUMENT, "it is another task's");
            pair.send(&[], 0);
            assert_eq!(wait(name), KERN_TERMINATED);
        },
    );
}

#[test]
fn a_semaphore_ends_with_the_task_that_made_it() {
    two(
        "semaphores::a_semaphore_ends_with_the_task_that_made_it",
        |mut pair| {
            let [name] = pair.rights();
            assert!(wait_is_over(name), "alive");
            let waiter = thread::spawn(move || wait(name));
            pair.kill();
            assert_eq!(waiter.join().unwrap(), KERN_TERMINATED);
            // SAFETY: takes a name.
            assert_eq!(unsafe { semaphore_signal(name) }, KERN_TERMINATED);
        },
        |pair| {
            pair.send(&[semaphore()], 0);
            // Until it is killed.
            pair.receive();
        },
    );
}
