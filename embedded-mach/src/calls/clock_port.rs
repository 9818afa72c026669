//! `clock_*`: clocks by their ports.

use core::ffi::{c_int, c_uint};

use super::clock::mach_wait_until;
use super::message::mach_msg;
use super::{code, give, kernel_of_host};
use crate::headers::clock_types::{
    alarm_type_t, clock_attr_t, clock_flavor_t, clock_id_t, mach_timespec_t, sleep_type_t,
};
use crate::headers::kern_return::{
    KERN_ABORTED, KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT,
    KERN_INVALID_VALUE, KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_types::{clock_ctrl_t, clock_reply_t, clock_serv_t, host_t};
use crate::headers::message::{
    MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSGH_BITS, MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_RIGHT,
    MACH_SEND_MSG, mach_msg_header_t, mach_msg_type_name_t, mach_msg_type_number_t,
};
use crate::headers::port::{MACH_PORT_DEAD, MACH_PORT_NULL, mach_port_name_t};
use crate::kernel::objects::kobject::{ClockPort, KernelObject};
use crate::kernel::ports::right::Right;
use crate::kernel::time::clocks::{
    ALARM_REPLY, alarm_reply, attribute_of, clock_with_id, end_of, time_of, timespec,
};
use crate::kernel::{Kernel, Result, task};
use crate::sys::clock::Clock;

/// A send right to the port of a clock, `SYSTEM_CLOCK` or `CALENDAR_CLOCK`; another is `KERN_INVALID_ARGUMENT`.
pub unsafe extern "C" fn host_get_clock_service(
    host: host_t,
    clock_id: clock_id_t,
    clock_serv: *mut clock_serv_t,
) -> kern_return_t {
    let found = kernel_of_host(host)
        .and_then(|mut kernel| clock_with_id(clock_id).and_then(|which| kernel.clock_port(which)));
    // SAFETY: the caller's promise.
    unsafe { give(clock_serv, found) }
}

/// The clock of a port.
fn clock_in(kernel: &mut Kernel, name: mach_port_name_t) -> Result<ClockPort> {
    match kernel.object(name) {
        Ok(&KernelObject::Clock(clock)) => Ok(clock),
        Err(KERN_INVALID_NAME | KERN_INVALID_RIGHT) => Err(MACH_SEND_INVALID_DEST),
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

fn clock_of(name: mach_port_name_t) -> Result<ClockPort> {
    clock_in(&mut task::lock(), name)
}

/// A clock's time: since boot as `mach_absolute_time` counts it, or since 1970.
pub unsafe extern "C" fn clock_get_time(
    clock_serv: clock_serv_t,
    cur_time: *mut mach_timespec_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { give(cur_time, clock_of(clock_serv).map(time_of)) }
}

/// How exact a clock or its alarms claim to be, in nanoseconds; 0 for alarms of the calendar clock, which has none. No room is
/// `KERN_FAILURE`, an unknown flavor `KERN_INVALID_VALUE`.
pub unsafe extern "C" fn clock_get_attributes(
    clock_serv: clock_serv_t,
    flavor: clock_flavor_t,
    clock_attr: clock_attr_t,
    clock_attr_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let answer = clock_of(clock_serv).and_then(|clock| {
        // SAFETY: the caller's promise.
        attribute_of(clock, flavor, unsafe { *clock_attr_count })
    });
    if answer.is_ok() {
        // SAFETY: the caller's promise.
        unsafe { *clock_attr_count = 1 };
    }
    // SAFETY: the caller's promise, with room for one.
    unsafe { give(clock_attr, answer) }
}

/// Has a message sent to a port when it is time by the system clock: the id 3125107, then after the NDR record a code, the kind
/// of the alarm and the time. A send-once right is made from `alarm_port`, which has to be a receive right. What is wrong with
/// the time or its kind is told at once by the same message, with `KERN_INVALID_VALUE`; a time that is past with
/// `KERN_SUCCESS`.
///
/// `KERN_FAILURE` for the calendar clock, `KERN_INVALID_CAPABILITY` for no port.
pub unsafe extern "C" fn clock_alarm(
    clock_serv: clock_serv_t,
    alarm_type: alarm_type_t,
    alarm_time: mach_timespec_t,
    alarm_port: clock_reply_t,
) -> kern_return_t {
    let asked = || {
        let mut kernel = task::lock();
        let clock = clock_in(&mut kernel, clock_serv);
        if clock == Err(MACH_SEND_INVALID_DEST) {
            // The request goes nowhere, with the right that it would carry.
            return Err(MACH_SEND_INVALID_DEST);
        }
        let to = match alarm_port {
            MACH_PORT_NULL => Right::Null,
            MACH_PORT_DEAD => Right::Dead,
            name => kernel
                .copyin_right(name, MACH_MSG_TYPE_MAKE_SEND_ONCE, false)
                .map_err(|_| MACH_SEND_INVALID_RIGHT)?,
        };
        match clock {
            Ok(clock) => kernel.alarm(clock, alarm_type, alarm_time, to),
            Err(code) => {
                kernel.release(to);
                Err(code)
            }
        }
    };
    code(asked())
}

/// Sends what a clock sends for an alarm.
pub unsafe extern "C" fn clock_alarm_reply(
    alarm_port: clock_reply_t,
    alarm_port_poly: mach_msg_type_name_t,
    alarm_code: kern_return_t,
    alarm_type: alarm_type_t,
    alarm_time: mach_timespec_t,
) -> kern_return_t {
    #[repr(C)]
    struct Message {
        header: mach_msg_header_t,
        body: [u8; 24],
    }
    let mut body = [0; 24];
    body.copy_from_slice(&alarm_reply(alarm_code, alarm_type, alarm_time));
    let size = size_of::<Message>() as c_uint;
    let mut message = Message {
        header: mach_msg_header_t {
            msgh_bits: MACH_MSGH_BITS(alarm_port_poly, 0),
            msgh_size: size,
            msgh_remote_port: alarm_port,
            msgh_local_port: MACH_PORT_NULL,
            msgh_voucher_port: MACH_PORT_NULL,
            msgh_id: ALARM_REPLY,
        },
        body,
    };
    // SAFETY: the message is live and has this size.
    unsafe { mach_msg(&mut message.header, MACH_SEND_MSG, size, 0, 0, 0, 0) }
}

/// Nobody may set a clock: `KERN_FAILURE`, of a port that is none `KERN_INVALID_ARGUMENT`.
pub unsafe extern "C" fn clock_set_time(
    clock_ctrl: clock_ctrl_t,
    _new_time: mach_timespec_t,
) -> kern_return_t {
    clock_of(clock_ctrl).map_or_else(|code| code, |_| KERN_FAILURE)
}

/// As [`clock_set_time`].
pub unsafe extern "C" fn clock_set_attributes(
    clock_ctrl: clock_ctrl_t,
    _flavor: clock_flavor_t,
    _clock_attr: clock_attr_t,
    _clock_attr_count: mach_msg_type_number_t,
) -> kern_return_t {
    clock_of(clock_ctrl).map_or_else(|code| code, |_| KERN_FAILURE)
}

/// Sleeps until a time of the system clock, or so long, and gives the time at which it woke, unless `wakeup_time` is null.
/// `MACH_PORT_NULL` is the system clock; the calendar clock is `KERN_FAILURE`. A signal handler ends the sleep with
/// `KERN_ABORTED`, and then the time is that for which it slept.
pub unsafe extern "C" fn clock_sleep(
    clock_name: mach_port_name_t,
    sleep_type: sleep_type_t,
    sleep_time: mach_timespec_t,
    wakeup_time: *mut mach_timespec_t,
) -> kern_return_t {
    let slept = || {
        let clock = match clock_name {
            MACH_PORT_NULL => ClockPort::System,
            name => clock_of(name).map_err(|_| KERN_INVALID_ARGUMENT)?,
        };
        if clock != ClockPort::System {
            return Err(KERN_FAILURE);
        }
        let now = Clock::Absolute.now();
        let Ok(end) = end_of(sleep_type, sleep_time, now) else {
            return Ok((KERN_INVALID_VALUE, sleep_time));
        };
        if end <= now {
            return Ok((KERN_SUCCESS, timespec(now)));
        }
        // SAFETY: takes a number.
        Ok(match unsafe { mach_wait_until(end) } {
            KERN_SUCCESS => (KERN_SUCCESS, timespec(Clock::Absolute.now())),
            _ => (KERN_ABORTED, timespec(end)),
        })
    };
    match slept() {
        Ok((code, woken)) => {
            if !wakeup_time.is_null() {
                // SAFETY: the caller's promise.
                unsafe { wakeup_time.write(woken) };
            }
            code
        }
        Err(code) => code,
    }
}

/// As [`clock_sleep`], with the time in two parts.
pub unsafe extern "C" fn clock_sleep_trap(
    clock_name: mach_port_name_t,
    sleep_type: sleep_type_t,
    sleep_sec: c_int,
    sleep_nsec: c_int,
    wakeup_time: *mut mach_timespec_t,
) -> kern_return_t {
    let sleep_time = mach_timespec_t {
        tv_sec: sleep_sec.cast_unsigned(),
        tv_nsec: sleep_nsec,
    };
    // SAFETY: the caller's promise.
    unsafe { clock_sleep(clock_name, sleep_type, sleep_time, wakeup_time) }
}
