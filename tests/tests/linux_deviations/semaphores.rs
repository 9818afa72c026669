//! Semaphores where Linux differs: see the deviations of the embedded Mach.

use mach_ports::ffi::clock_types::mach_timespec_t;
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;
use mach_ports::ffi::port::MACH_PORT_NULL;
use mach_ports::ffi::semaphore::{
    semaphore_create, semaphore_destroy, semaphore_signal, semaphore_timedwait,
};
use mach_ports::ffi::sync_policy::SYNC_POLICY_FIFO;
use rendezvous_tests::raw::{insert_right, made, refs, task};
use rendezvous_tests::second::two_until_killed;

/// A semaphore without signals.
fn semaphore() -> u32 {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    let code = unsafe { semaphore_create(task(), &raw mut name, SYNC_POLICY_FIFO, 0) };
    assert_eq!(code, KERN_SUCCESS);
    name
}

/// `semaphore_timedwait`, without waiting.
fn poll(name: u32) -> kern_return_t {
    let none = mach_timespec_t {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: takes no pointer.
    unsafe { semaphore_timedwait(name, none) }
}

/// `semaphore_signal`.
fn signal(name: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { semaphore_signal(name) }
}

/// `semaphore_destroy`.
fn destroy(name: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { semaphore_destroy(task(), name) }
}

#[test]
fn fact_59_only_the_task_that_made_it_destroys_a_semaphore() {
    two_until_killed(
        "fact_59_only_the_task_that_made_it_destroys_a_semaphore",
        |line, _| {
            let (name, _) = line.next().only_port();
            let again = insert_right(name, name, MACH_MSG_TYPE_COPY_SEND);
            assert_eq!(again, KERN_SUCCESS);
            // XNU has succeeded since macOS 12, and done as little.
            assert_eq!(destroy(name), KERN_INVALID_ARGUMENT);
            assert_eq!([signal(name), poll(name)], [KERN_SUCCESS; 2]);
        },
        |line| {
            let letter = line.letter();
            letter.port(semaphore(), MACH_MSG_TYPE_COPY_SEND).send();
            line.wait();
        },
    );
}

#[test]
fn fact_59_destroying_what_is_no_semaphore() {
    // XNU takes the right with its request: what it says is MACH_SEND_INVALID_RIGHT, or KERN_INVALID_ARGUMENT and the
    // reference is gone.
    let port = made::port_with_send();
    assert_eq!(destroy(made::absent()), KERN_INVALID_NAME);
    assert_eq!(destroy(port), KERN_INVALID_CAPABILITY);
    assert_eq!(refs(port, 0), Ok(1));
}
