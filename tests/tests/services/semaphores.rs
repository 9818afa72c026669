//! Mach facts 59 and 60: semaphores.

use std::os::unix::thread::JoinHandleExt;

use std::thread;
use std::time::{Duration, Instant};

use mach_ports::ffi::clock_types::mach_timespec_t;
use mach_ports::ffi::extra::semaphore_signal_all;
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_PORT_SEND,
};
use mach_ports::ffi::port::*;
use mach_ports::ffi::semaphore as ffi;
use mach_ports::ffi::sync_policy::SYNC_POLICY_FIFO;
use rendezvous_tests::letter::{DEADLINE, Letter, receive};
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{Given, deallocate, insert_right, made, refs, task, type_of};
use rendezvous_tests::second::{two, two_until_killed};

/// `semaphore_create`.
fn create(value: i32) -> Given<mach_port_name_t> {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    match unsafe { ffi::semaphore_create(task(), &raw mut name, SYNC_POLICY_FIFO, value) } {
        KERN_SUCCESS => Ok(name),
        code => Err(code),
    }
}

/// A semaphore with so many signals to be taken.
fn semaphore(value: i32) -> mach_port_name_t {
    create(value).expect("a semaphore")
}

/// `semaphore_destroy`.
fn destroy(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { ffi::semaphore_destroy(task(), name) }
}

/// `semaphore_signal`.
fn signal(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { ffi::semaphore_signal(name) }
}

/// `semaphore_signal_all`.
fn signal_all(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { semaphore_signal_all(name) }
}

/// `semaphore_wait`: without end if nobody signals.
fn wait_for_ever(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { ffi::semaphore_wait(name) }
}

/// `semaphore_timedwait`.
fn timed_wait(name: mach_port_name_t, tv_sec: u32, tv_nsec: i32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { ffi::semaphore_timedwait(name, mach_timespec_t { tv_sec, tv_nsec }) }
}

/// Takes a signal if there is one now.
fn poll(name: mach_port_name_t) -> kern_return_t {
    timed_wait(name, 0, 0)
}

/// Waits for what must soon come.
fn wait(name: mach_port_name_t) -> kern_return_t {
    timed_wait(name, 10, 0)
}

/// One more reference to a semaphore's send right.
fn copy(name: mach_port_name_t) {
    assert_eq!(
        insert_right(name, name, MACH_MSG_TYPE_COPY_SEND),
        KERN_SUCCESS
    );
}

/// All calls that use a semaphore, as far as they return when they should not.
const USERS: [fn(mach_port_name_t) -> kern_return_t; 5] =
    [signal, signal_all, poll, wait, wait_for_ever];

#[test]
fn fact_59_a_value_below_zero() {
    for value in [-1, i32::MIN] {
        assert_eq!(create(value), Err(KERN_INVALID_ARGUMENT));
    }
}

#[test]
fn fact_59_a_policy_that_is_none() {
    let mut name = MACH_PORT_NULL;
    for policy in [8, -1] {
        // SAFETY: `name` can be written.
        let code = unsafe { ffi::semaphore_create(task(), &raw mut name, policy, 0) };
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn fact_59_a_semaphore_is_a_send_right_that_counts() {
    let name = semaphore(2);
    assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_SEND));
    assert_eq!(refs(name, MACH_PORT_RIGHT_SEND), Ok(1));
    assert_eq!([poll(name), wait_for_ever(name)], [KERN_SUCCESS; 2]);
    assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
    assert_eq!([signal(name), signal(name)], [KERN_SUCCESS; 2]);
    assert_eq!([poll(name), poll(name)], [KERN_SUCCESS; 2]);
    assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
    assert_eq!(destroy(name), KERN_SUCCESS);
}

#[test]
fn fact_59_destroy_takes_a_reference() {
    let name = semaphore(0);
    copy(name);
    copy(name);
    assert_eq!(destroy(name), KERN_SUCCESS);
    assert_eq!(refs(name, MACH_PORT_RIGHT_SEND), Ok(2));
    assert_eq!([deallocate(name), deallocate(name)], [KERN_SUCCESS; 2]);
    assert_eq!(type_of(name), Err(KERN_INVALID_NAME));

    let last = semaphore(0);
    assert_eq!(destroy(last), KERN_SUCCESS);
    assert_eq!(type_of(last), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_59_later_users_of_a_destroyed_semaphore() {
    // Signals that nobody has taken go with it.
    for value in [0, 3] {
        let name = semaphore(value);
        copy(name);
        assert_eq!(destroy(name), KERN_SUCCESS);
        for user in USERS {
            assert_eq!(user(name), KERN_TERMINATED);
        }
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_59_waiters_on_a_destroyed_semaphore() {
    for waiter in [wait, wait_for_ever] {
        let codes = until_blocked(|patience| {
            let name = semaphore(0);
            copy(name);
            let waiting = [(); 2].map(|()| thread::spawn(move || waiter(name)));
            patience.wait();
            assert_eq!(destroy(name), KERN_SUCCESS);
            let codes = waiting.map(|thread| thread.join().expect("a waiter"));
            assert_eq!(deallocate(name), KERN_SUCCESS);
            Some(codes)
        });
        assert_eq!(codes, [KERN_TERMINATED; 2]);
    }
}

#[test]
fn fact_59_a_destroyed_semaphore_is_destroyed_again() {
    let name = semaphore(0);
    copy(name);
    copy(name);
    assert_eq!(destroy(name), KERN_SUCCESS);
    let again = destroy(name);
    // XNU has a second destruction succeed in newer versions. Either way the reference goes with the request.
    let newer = cfg!(target_vendor = "apple") && again == KERN_SUCCESS;
    assert!(again == KERN_INVALID_ARGUMENT || newer, "{again}");
    assert_eq!(refs(name, MACH_PORT_RIGHT_SEND), Ok(1));
    assert_eq!(signal(name), KERN_TERMINATED);
    assert_eq!(deallocate(name), KERN_SUCCESS);
}

#[test]
fn fact_59_names_that_are_no_semaphore() {
    for user in USERS {
        for name in [made::absent(), MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(user(name), KERN_INVALID_NAME);
        }
        for name in [made::port_with_send(), task()] {
            assert_eq!(user(name), KERN_INVALID_CAPABILITY);
        }
        let port = made::port();
        for name in [port, made::send_once(port), made::set(), made::dead_name()] {
            assert_eq!(user(name), KERN_INVALID_RIGHT);
        }
    }
}

#[test]
fn fact_59_destroying_what_is_no_semaphore() {
    for name in [made::absent(), made::port_with_send(), made::set()] {
        assert_ne!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_59_a_semaphore_in_two_tasks() {
    two(
        "fact_59_a_semaphore_in_two_tasks",
        |line, _| {
            let (ours, theirs) = (semaphore(0), semaphore(0));
            let letter = line.letter().port(ours, MACH_MSG_TYPE_COPY_SEND);
            letter.port(theirs, MACH_MSG_TYPE_COPY_SEND).send();
            assert_eq!(wait(ours), KERN_SUCCESS);
            assert_eq!(signal(theirs), KERN_SUCCESS);
            assert_eq!(wait(ours), KERN_SUCCESS);
            assert_eq!(poll(ours), KERN_OPERATION_TIMED_OUT);
            // What comes back is the same.
            let (back, disposition) = line.next().only_port();
            assert_eq!((back, disposition), (ours, MACH_MSG_TYPE_PORT_SEND));
            // Who did not make it cannot end it.
            assert_eq!(signal(ours), KERN_SUCCESS);
            assert_eq!(poll(ours), KERN_SUCCESS);
            assert_eq!(destroy(theirs), KERN_SUCCESS);
            line.go();
            line.wait();
        },
        |line| {
            let mail = line.next();
            let [ours, theirs] = mail.items()[..] else {
                panic!("{mail:?}")
            };
            let name = |item| match item {
                rendezvous_tests::letter::Item::Port { name, .. } => name,
                other => panic!("{other:?}"),
            };
            let (theirs, ours) = (name(ours), name(theirs));
            assert_eq!(signal(theirs), KERN_SUCCESS);
            assert_eq!(wait(ours), KERN_SUCCESS);
            assert_eq!(signal(theirs), KERN_SUCCESS);
            copy(theirs);
            let code = destroy(theirs);
            assert!(
                [KERN_SUCCESS, KERN_INVALID_ARGUMENT].contains(&code),
                "{code}"
            );
            line.letter().port(theirs, MACH_MSG_TYPE_COPY_SEND).send();
            line.wait();
            // The other task has destroyed it.
            for user in USERS {
                assert_eq!(user(ours), KERN_TERMINATED);
            }
            line.go();
        },
    );
}

#[test]
fn fact_59_destruction_wakes_who_waits_in_another_task() {
    two(
        "fact_59_destruction_wakes_who_waits_in_another_task",
        |line, _| {
            until_blocked(|patience| {
                let name = semaphore(0);
                line.letter().port(name, MACH_MSG_TYPE_COPY_SEND).send();
                line.wait();
                patience.wait();
                assert_eq!(destroy(name), KERN_SUCCESS);
                let code = line.next().id();
                assert_eq!(code, KERN_TERMINATED);
                Some(())
            });
        },
        |line| {
            let (name, _) = line.next().only_port();
            line.go();
            line.letter().id(wait(name)).send();
        },
    );
}

#[test]
fn fact_60_nothing_to_take() {
    let name = semaphore(0);
    assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
    let begun = Instant::now();
    assert_eq!(timed_wait(name, 0, 20_000_000), KERN_OPERATION_TIMED_OUT);
    assert!(begun.elapsed() >= Duration::from_millis(20));
    // A wait that was in vain takes nothing later.
    assert_eq!(signal(name), KERN_SUCCESS);
    assert_eq!(poll(name), KERN_SUCCESS);
}

#[test]
fn fact_60_nanoseconds_that_are_none() {
    let name = semaphore(1);
    for nanoseconds in [-1, i32::MIN, 1_000_000_000, i32::MAX] {
        assert_eq!(timed_wait(name, 0, nanoseconds), KERN_INVALID_VALUE);
        // The time is looked at first.
        let code = timed_wait(made::absent(), 0, nanoseconds);
        assert_eq!(code, KERN_INVALID_VALUE);
    }
    assert_eq!(timed_wait(name, 0, 999_999_999), KERN_SUCCESS);
    assert_eq!(signal(name), KERN_SUCCESS);
    assert_eq!(timed_wait(name, u32::MAX, 999_999_999), KERN_SUCCESS);
}

/// What SIGUSR1 does is the whole process's. Nobody else in it uses that signal, and each goes to one thread.
extern "C" fn handler(_signal: libc::c_int) {}

#[test]
fn fact_60_a_signal_ends_the_wait() {
    for (flags, waiter) in [
        (0, wait_for_ever as fn(_) -> _),
        (0, wait),
        (libc::SA_RESTART, wait_for_ever),
        (libc::SA_RESTART, wait),
    ] {
        // SAFETY: the handler does nothing; all zeros but the flags is a `sigaction`.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as *const () as usize;
            action.sa_flags = flags;
            let code = libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut());
            assert_eq!(code, 0);
        }
        let name = semaphore(0);
        let waiting = thread::spawn(move || waiter(name));
        let deadline = Instant::now() + DEADLINE;
        while !waiting.is_finished() {
            assert!(Instant::now() < deadline, "the signal ends no wait");
            // SAFETY: the thread has not been joined, so that this is still its handle.
            unsafe { libc::pthread_kill(waiting.as_pthread_t(), libc::SIGUSR1) };
            thread::yield_now();
        }
        assert_eq!(waiting.join().expect("a waiter"), KERN_ABORTED);
        assert_eq!(signal(name), KERN_SUCCESS);
        assert_eq!(poll(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_60_signal_all_without_waiters() {
    let name = semaphore(0);
    assert_eq!(signal_all(name), KERN_SUCCESS);
    assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
    // Nor does it take anything.
    assert_eq!(signal(name), KERN_SUCCESS);
    assert_eq!(signal_all(name), KERN_SUCCESS);
    assert_eq!(
        [poll(name), poll(name)],
        [KERN_SUCCESS, KERN_OPERATION_TIMED_OUT]
    );
}

#[test]
fn fact_60_signal_all_wakes_all_waiters_and_leaves_nothing() {
    until_blocked(|patience| {
        let name = semaphore(0);
        let waiting = [(); 3].map(|()| thread::spawn(move || wait(name)));
        patience.wait();
        assert_eq!(signal_all(name), KERN_SUCCESS);
        patience.wait();
        let woken = waiting.iter().all(|thread| thread.is_finished());
        // Those that came too late.
        while waiting.iter().any(|thread| !thread.is_finished()) {
            assert_eq!(signal_all(name), KERN_SUCCESS);
            thread::yield_now();
        }
        for thread in waiting {
            assert_eq!(thread.join().expect("a waiter"), KERN_SUCCESS);
        }
        assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
        woken.then_some(())
    });
}

#[test]
fn fact_60_one_signal_wakes_one_waiter() {
    let name = semaphore(0);
    let waiting = [(); 3].map(|()| thread::spawn(move || wait(name)));
    for _ in &waiting {
        assert_eq!(signal(name), KERN_SUCCESS);
    }
    for thread in waiting {
        assert_eq!(thread.join().expect("a waiter"), KERN_SUCCESS);
    }
    assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
}

#[test]
fn fact_60_signal_all_reaches_another_task() {
    two(
        "fact_60_signal_all_reaches_another_task",
        |line, _| {
            let name = semaphore(0);
            let message = line.letter().port(name, MACH_MSG_TYPE_COPY_SEND);
            message.send();
            let deadline = Instant::now() + DEADLINE;
            let answer = loop {
                assert_eq!(signal_all(name), KERN_SUCCESS);
                if let Some(answer) = rendezvous_tests::letter::poll(line.own) {
                    break answer;
                }
                assert!(Instant::now() < deadline, "nobody is woken");
                thread::yield_now();
            };
            assert_eq!(answer.id(), KERN_SUCCESS);
            assert_eq!(poll(name), KERN_OPERATION_TIMED_OUT);
        },
        |line| {
            let (name, _) = receive(line.own).only_port();
            let code = wait(name);
            Letter::to(line.other, MACH_MSG_TYPE_COPY_SEND)
                .id(code)
                .send();
        },
    );
}

#[test]
fn fact_59_a_semaphore_ends_with_the_task_that_made_it() {
    two_until_killed(
        "fact_59_a_semaphore_ends_with_the_task_that_made_it",
        |line, second| {
            let (name, _) = line.next().only_port();
            second.kill();
            // SAFETY: takes no pointer.
            assert_eq!(unsafe { ffi::semaphore_wait(name) }, KERN_TERMINATED);
            assert_eq!(deallocate(name), KERN_SUCCESS);
        },
        |line| {
            line.letter()
                .port(semaphore(0), MACH_MSG_TYPE_MOVE_SEND)
                .send();
            line.wait();
        },
    );
}
