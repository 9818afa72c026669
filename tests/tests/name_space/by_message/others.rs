//! Calls on other ports of the kernel: clocks, the host, semaphores.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::mach_init::mach_host_self;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{deallocate, made, type_of};

use super::{DONE, MIG_BAD_ARGUMENTS, MIG_BAD_ID, call, inline, reply, request};

fn to(port: u32, id: i32, words: &[u32]) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .id(id)
        .inline(&inline(words))
}

/// A clock by its id: 0 is the system's, 1 the calendar.
fn clock(id: u32) -> u32 {
    // SAFETY: takes nothing.
    let host = unsafe { mach_host_self() };
    let reply = reply(to(host, 206, &[id]));
    let (name, disposition) = reply.only_port();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND);
    assert_eq!(deallocate(host), KERN_SUCCESS);
    name
}

#[test]
fn fact_66_clocks_are_asked_by_message() {
    let (system, calendar) = (clock(0), clock(1));
    let [first, then] = [(); 2].map(|()| call(to(system, 1000, &[])).unwrap());
    assert!(first.len() == 2 && first[1] < 1_000_000_000 && first <= then);
    assert!(call(to(calendar, 1000, &[])).unwrap()[0] > 1_600_000_000);
    assert_eq!(call(to(system, 1001, &[1, 1])).unwrap()[0], 1);
    assert_eq!(call(to(system, 1001, &[1, 0])), Err(KERN_FAILURE));
    assert_eq!(call(to(system, 1001, &[77, 1])), Err(KERN_INVALID_VALUE));
    assert_eq!(call(to(system, 1000, &[1])), Err(MIG_BAD_ARGUMENTS));
    assert_eq!(call(to(system, 1003, &[])), Err(MIG_BAD_ID));
    // A task is no clock.
    assert_eq!(call(request(1000, &[])), Err(KERN_INVALID_ARGUMENT));
    for name in [system, calendar] {
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_66_an_alarm_is_asked_for_by_message() {
    let (system, calendar, owner) = (clock(0), clock(1), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    let asked = |clock, kind| call(to(clock, 1002, &[kind, 0, 1]).port(owner, once));
    // A relative time that is almost now.
    assert_eq!(asked(system, 1), DONE);
    let alarm = receive(owner);
    assert_eq!((alarm.id(), alarm.size()), (3_125_107, 48));
    assert_eq!((alarm.u32_at(32), alarm.u32_at(36)), (0, 1));
    assert_eq!(asked(calendar, 1), Err(KERN_FAILURE));
    for name in [system, calendar] {
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_66_the_host_is_asked_by_message() {
    // SAFETY: takes nothing.
    let host = unsafe { mach_host_self() };
    let size = call(to(host, 202, &[])).unwrap();
    assert!(size.len() == 2 && size[0].is_power_of_two() && size[1] == 0);
    assert_eq!(call(to(host, 206, &[77])), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(call(request(202, &[])), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(deallocate(host), KERN_SUCCESS);
}

#[test]
fn fact_66_a_semaphore_is_made_and_destroyed_by_message() {
    let made_by_message = |policy, value: i32| reply(request(3418, &[policy, value as u32]));
    let (semaphore, disposition) = made_by_message(0, 1).only_port();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND);
    assert_eq!(type_of(semaphore), Ok(MACH_PORT_TYPE_SEND));
    let destroyed = request(3419, &[]).port(semaphore, MACH_MSG_TYPE_MOVE_SEND);
    assert_eq!(call(destroyed), DONE);
    assert_eq!(type_of(semaphore), Err(KERN_INVALID_NAME));
    let refused = made_by_message(0, -1);
    assert_eq!(refused.u32_at(32) as i32, KERN_INVALID_ARGUMENT);
}
