//! Clocks by their ports, and alarms.

use embedded_mach::clock::*;
use embedded_mach::clock_priv::*;
use embedded_mach::clock_reply::*;
use embedded_mach::clock_types::*;
use embedded_mach::extra::{clock_sleep, clock_sleep_trap};
use embedded_mach::kern_return::*;
use embedded_mach::mach_host::host_get_clock_service;
use embedded_mach::mach_init::mach_host_self;
use embedded_mach::mach_time::mach_absolute_time;
use embedded_mach::message::*;
use embedded_mach::port::*;

use super::support::{deallocate, kind, ok, port, release_port, task};

const fn time(tv_sec: u32, tv_nsec: i32) -> mach_timespec_t {
    mach_timespec_t { tv_sec, tv_nsec }
}

fn clock(which: u32) -> mach_port_name_t {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    ok(unsafe { host_get_clock_service(mach_host_self(), which.cast_signed(), &mut name) });
    assert_eq!(kind(name), MACH_PORT_TYPE_SEND);
    name
}

fn in_nanoseconds(time: mach_timespec_t) -> u64 {
    assert!((0..1_000_000_000).contains(&time.tv_nsec));
    u64::from(time.tv_sec) * NSEC_PER_SEC + u64::from(time.tv_nsec.unsigned_abs())
}

fn time_of(clock: mach_port_name_t) -> u64 {
    let mut now = time(0, 0);
    // SAFETY: `now` can be written.
    ok(unsafe { clock_get_time(clock, &mut now) });
    in_nanoseconds(now)
}

fn absolute() -> u64 {
    // SAFETY: takes nothing.
    unsafe { mach_absolute_time() }
}

#[test]
fn fact_69_clocks_tell_the_time_since_boot_and_the_date() {
    let (system, calendar) = (clock(SYSTEM_CLOCK), clock(CALENDAR_CLOCK));
    assert_ne!(system, calendar);
    assert_eq!(clock(REALTIME_CLOCK), system);
    let before = absolute();
    let told = time_of(system);
    assert!((before..=absolute()).contains(&told));
    assert!(time_of(calendar) > 1_600_000_000 * NSEC_PER_SEC);
    for name in [system, system, calendar] {
        deallocate(name);
    }
    let mut none = 7;
    // SAFETY: `none` could be written.
    unsafe {
        for id in [-1, 2] {
            let code = host_get_clock_service(mach_host_self(), id, &mut none);
            assert_eq!(code, KERN_INVALID_ARGUMENT);
        }
        let code = host_get_clock_service(task(), 0, &mut none);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        let code = host_get_clock_service(MACH_PORT_NULL, 0, &mut none);
        assert_eq!(code, MACH_SEND_INVALID_DEST);
    }
    assert_eq!(none, 7);
}

#[test]
fn fact_69_clocks_have_attributes_and_cannot_be_set() {
    let (system, calendar) = (clock(SYSTEM_CLOCK), clock(CALENDAR_CLOCK));
    let attribute = |clock, flavor: u32, room| {
        let (mut value, mut count) = (7, room);
        // SAFETY: both can be written.
        let code =
            unsafe { clock_get_attributes(clock, flavor.cast_signed(), &mut value, &mut count) };
        (code, value, count)
    };
    let alarms = [CLOCK_ALARM_CURRES, CLOCK_ALARM_MINRES, CLOCK_ALARM_MAXRES];
    for flavor in alarms.into_iter().chain([CLOCK_GET_TIME_RES]) {
        assert_eq!(attribute(system, flavor, 3), (0, 10_000_000, 1));
    }
    assert_eq!(
        attribute(calendar, CLOCK_GET_TIME_RES, 1),
        (0, 10_000_000, 1)
    );
    for flavor in alarms {
        assert_eq!(attribute(calendar, flavor, 1), (0, 0, 1));
    }
    assert_eq!(
        attribute(system, CLOCK_GET_TIME_RES, 0),
        (KERN_FAILURE, 7, 0)
    );
    assert_eq!(attribute(system, 2, 1), (KERN_INVALID_VALUE, 7, 1));
    assert_eq!(attribute(task(), 1, 1), (KERN_INVALID_ARGUMENT, 7, 1));
    // SAFETY: takes names and numbers.
    unsafe {
        assert_eq!(clock_set_time(system, time(0, 0)), KERN_FAILURE);
        assert_eq!(clock_set_attributes(calendar, 1, &mut 0, 1), KERN_FAILURE);
        assert_eq!(clock_set_time(task(), time(0, 0)), KERN_INVALID_ARGUMENT);
    }
    deallocate(system);
    deallocate(calendar);
}

/// What a clock sends for an alarm, as MIG lays it out.
#[repr(C)]
struct AlarmReply {
    header: mach_msg_header_t,
    ndr: [u8; 8],
    code: kern_return_t,
    kind: alarm_type_t,
    time: mach_timespec_t,
    trailer: mach_msg_trailer_t,
}

fn receive(port: mach_port_name_t, timeout: u32) -> Result<AlarmReply, i32> {
    // SAFETY: plain numbers, and the buffer is as large as the call may write.
    unsafe {
        let mut reply: AlarmReply = std::mem::zeroed();
        let options = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
        let size = size_of::<AlarmReply>() as u32;
        match mach_msg(
            &mut reply.header,
            options,
            0,
            size,
            port,
            timeout,
            MACH_PORT_NULL,
        ) {
            MACH_MSG_SUCCESS => {
                assert_eq!(
                    (reply.header.msgh_id, reply.header.msgh_size),
                    (3_125_107, 48)
                );
                Ok(reply)
            }
            code => Err(code),
        }
    }
}

const LONG: u32 = 20_000;

#[test]
fn fact_69_an_alarm_comes_as_a_message() {
    let (system, own) = (clock(SYSTEM_CLOCK), port());
    let (relative, absolute_) = (TIME_RELATIVE.cast_signed(), TIME_ABSOLUTE.cast_signed());
    // SAFETY: takes names and numbers.
    unsafe {
        let due = absolute() + 3_000_000;
        ok(clock_alarm(system, relative, time(0, 3_000_000), own));
        let reply = receive(own, LONG).unwrap();
        assert_eq!((reply.code, reply.kind), (KERN_SUCCESS, relative));
        assert_eq!(
            reply.header.msgh_bits,
            MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)
        );
        let told = in_nanoseconds(reply.time);
        assert!((due..=absolute()).contains(&told));
        // A time that has come is told at once, and so is one that is none.
        ok(clock_alarm(system, absolute_, time(0, 1), own));
        let reply = receive(own, 0).unwrap();
        assert_eq!((reply.code, reply.kind), (KERN_SUCCESS, absolute_));
        for (kind, at) in [(relative, time(0, -1)), (2, time(1, 0))] {
            ok(clock_alarm(system, kind, at, own));
            let reply = receive(own, 0).unwrap();
            assert_eq!((reply.code, reply.kind), (KERN_INVALID_VALUE, kind));
        }
    }
    deallocate(system);
    release_port(own);
}

#[test]
fn an_alarm_whose_port_has_died_is_told_to_nobody() {
    let (system, own) = (clock(SYSTEM_CLOCK), port());
    // SAFETY: takes names and numbers.
    unsafe {
        ok(clock_alarm(system, 1, time(3_600, 0), own));
        ok(clock_alarm(system, 1, time(0, 1_000_000), own));
        release_port(own);
        // Later than that one, and the schedule goes on.
        let other = port();
        ok(clock_alarm(system, 1, time(0, 2_000_000), other));
        receive(other, LONG).unwrap();
        release_port(other);
    }
    deallocate(system);
}

#[test]
fn fact_69_alarms_are_refused_where_there_are_none() {
    let (system, calendar, own) = (clock(SYSTEM_CLOCK), clock(CALENDAR_CLOCK), port());
    // SAFETY: takes names and numbers.
    unsafe {
        let now = time(0, 0);
        let ask = |clock, to| clock_alarm(clock, 0, now, to);
        assert_eq!(ask(calendar, own), KERN_FAILURE);
        // What the request carried was destroyed with it.
        for code in [KERN_FAILURE, KERN_INVALID_ARGUMENT] {
            if code == KERN_INVALID_ARGUMENT {
                assert_eq!(ask(task(), own), code);
            }
            let mut reply: [u32; 16] = [0; 16];
            let received = mach_msg(
                reply.as_mut_ptr().cast(),
                MACH_RCV_MSG | MACH_RCV_TIMEOUT,
                0,
                64,
                own,
                0,
                MACH_PORT_NULL,
            );
            assert_eq!((received, reply[5]), (MACH_MSG_SUCCESS, 71));
        }
        for none in [MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(ask(system, none), KERN_INVALID_CAPABILITY);
        }
        assert_eq!(ask(system, task()), MACH_SEND_INVALID_RIGHT);
        assert_eq!(ask(system, 0x00ff_ff03), MACH_SEND_INVALID_RIGHT);
        assert_eq!(ask(MACH_PORT_NULL, own), MACH_SEND_INVALID_DEST);
    }
    assert_eq!(receive(own, 0).err(), Some(MACH_RCV_TIMED_OUT));
    for name in [system, calendar] {
        deallocate(name);
    }
    release_port(own);
}

#[test]
fn a_server_can_send_what_a_clock_sends() {
    let own = port();
    // SAFETY: takes names and numbers.
    unsafe {
        ok(clock_alarm_reply(
            own,
            MACH_MSG_TYPE_MAKE_SEND,
            5,
            1,
            time(6, 7),
        ));
        let reply = receive(own, 0).unwrap();
        assert_eq!((reply.code, reply.kind, reply.time), (5, 1, time(6, 7)));
        let code = clock_alarm_reply(MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND, 5, 1, time(6, 7));
        assert_eq!(code, MACH_SEND_INVALID_DEST);
    }
    release_port(own);
}

#[test]
fn fact_69_a_sleep_ends_at_its_time() {
    let (system, calendar) = (clock(SYSTEM_CLOCK), clock(CALENDAR_CLOCK));
    let mut woken = time(0, 0);
    // SAFETY: takes names and numbers, and `woken` can be written.
    unsafe {
        let due = absolute() + 2_000_000;
        ok(clock_sleep(system, 1, time(0, 2_000_000), &mut woken));
        assert!((due..=absolute()).contains(&in_nanoseconds(woken)));
        let due = absolute() + 2_000_000;
        let (seconds, rest) = ((due / NSEC_PER_SEC) as i32, (due % NSEC_PER_SEC) as i32);
        ok(clock_sleep_trap(
            MACH_PORT_NULL,
            0,
            seconds,
            rest,
            &mut woken,
        ));
        assert!((due..=absolute()).contains(&in_nanoseconds(woken)));
        let before = absolute();
        ok(clock_sleep(system, 0, time(0, 1), &mut woken));
        assert!((before..=absolute()).contains(&in_nanoseconds(woken)));
        let none = std::ptr::null_mut();
        ok(clock_sleep(system, 0, time(0, 1), none));
        assert_eq!(
            clock_sleep(system, 1, time(0, -1), none),
            KERN_INVALID_VALUE
        );
        assert_eq!(clock_sleep(system, 2, time(0, 0), none), KERN_INVALID_VALUE);
        assert_eq!(clock_sleep(calendar, 1, time(0, 0), none), KERN_FAILURE);
        assert_eq!(
            clock_sleep(task(), 1, time(0, 0), none),
            KERN_INVALID_ARGUMENT
        );
        assert_eq!(
            clock_sleep(0x00ff_ff03, 1, time(0, 0), none),
            KERN_INVALID_ARGUMENT
        );
    }
    deallocate(system);
    deallocate(calendar);
}
