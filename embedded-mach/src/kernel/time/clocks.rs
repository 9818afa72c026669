//! The ports of clocks, and who is told by them of a time.

use core::ffi::c_int;

use nix::time::ClockId;

use super::schedule::Due;
use crate::headers::clock_types::{
    BAD_ALRMTYPE, BAD_MACH_TIMESPEC, CALENDAR_CLOCK, CLOCK_ALARM_CURRES, CLOCK_ALARM_MAXRES,
    CLOCK_ALARM_MINRES, CLOCK_GET_TIME_RES, NSEC_PER_SEC, SYSTEM_CLOCK, TIME_RELATIVE,
    alarm_type_t, clock_flavor_t, clock_id_t, mach_timespec_t,
};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_VALUE, KERN_SUCCESS,
    kern_return_t,
};
use crate::headers::message::mach_msg_id_t;
use crate::headers::ndr::NDR_record_t;
use crate::headers::port::mach_port_name_t;
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::objects::kobject::{ClockPort, KernelObject};
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::clock::{Clock, nanoseconds};

/// The id of `clock_alarm_reply`.
pub(crate) const ALARM_REPLY: mach_msg_id_t = 3_125_107;

/// A number of nanoseconds as clocks tell it: the seconds have 32 bits.
pub(crate) fn timespec(nanoseconds: u64) -> mach_timespec_t {
    mach_timespec_t {
        tv_sec: (nanoseconds / NSEC_PER_SEC) as u32,
        tv_nsec: (nanoseconds % NSEC_PER_SEC) as i32,
    }
}

/// What clocks claim to be exact to, in nanoseconds: a hundredth of a second, as on macOS. They are far better.
const RESOLUTION: c_int = NSEC_PER_SEC as c_int / 100;

/// The clock with an id; another is `KERN_INVALID_ARGUMENT`.
pub(crate) fn clock_with_id(id: clock_id_t) -> Result<ClockPort> {
    match id.cast_unsigned() {
        SYSTEM_CLOCK => Ok(ClockPort::System),
        CALENDAR_CLOCK => Ok(ClockPort::Calendar),
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

/// A clock's time.
pub(crate) fn time_of(clock: ClockPort) -> mach_timespec_t {
    timespec(match clock {
        ClockPort::System => Clock::Absolute.now(),
        ClockPort::Calendar => nanoseconds(ClockId::CLOCK_REALTIME),
    })
}

/// How exact a clock or its alarms claim to be, where there is room for as much.
pub(crate) fn attribute_of(clock: ClockPort, flavor: clock_flavor_t, room: u32) -> Result<c_int> {
    if room == 0 {
        return Err(KERN_FAILURE);
    }
    match flavor.cast_unsigned() {
        CLOCK_GET_TIME_RES => Ok(RESOLUTION),
        CLOCK_ALARM_CURRES | CLOCK_ALARM_MINRES | CLOCK_ALARM_MAXRES => Ok(match clock {
            ClockPort::System => RESOLUTION,
            ClockPort::Calendar => 0,
        }),
        _ => Err(KERN_INVALID_VALUE),
    }
}

/// When an alarm or a sleep ends by the clock that counts from boot: `KERN_INVALID_VALUE` for a time or kind that there is
/// not. A time that counts from now is added in 32 bits of seconds, as in XNU.
pub(crate) fn end_of(kind: alarm_type_t, time: mach_timespec_t, now: u64) -> Result<u64> {
    if BAD_ALRMTYPE(kind.cast_unsigned()) || BAD_MACH_TIMESPEC(time) {
        return Err(KERN_INVALID_VALUE);
    }
    let from = if kind.cast_unsigned() == TIME_RELATIVE {
        timespec(now)
    } else {
        mach_timespec_t::default()
    };
    let nanoseconds = from.tv_nsec.unsigned_abs() + time.tv_nsec.unsigned_abs();
    let carried = nanoseconds / NSEC_PER_SEC as u32;
    let seconds = from.tv_sec.wrapping_add(time.tv_sec).wrapping_add(carried);
    Ok(u64::from(seconds) * NSEC_PER_SEC + u64::from(nanoseconds % NSEC_PER_SEC as u32))
}

/// What follows the header of `clock_alarm_reply`: code, kind, time.
pub(crate) fn alarm_reply(code: kern_return_t, kind: alarm_type_t, at: mach_timespec_t) -> Vec<u8> {
    let words = [
        code.cast_unsigned(),
        kind.cast_unsigned(),
        at.tv_sec,
        at.tv_nsec.cast_unsigned(),
    ];
    let words = words.into_iter().flat_map(u32::to_ne_bytes);
    NDR_record_t::NATIVE
        .to_bytes()
        .into_iter()
        .chain(words)
        .collect()
}

impl Kernel {
    /// A name for the port of a clock.
    pub(crate) fn clock_port(&mut self, which: ClockPort) -> Result<mach_port_name_t> {
        let right = self.clock_right(which);
        self.copyout_right(right)
    }

    /// A send right to the port of a clock.
    pub(crate) fn clock_right(&mut self, which: ClockPort) -> Right {
        let known = self.ports.iter().find_map(|(key, port)| match port.home {
            Home::Kernel(KernelObject::Clock(port)) if port == which => Some(key),
            _ => None,
        });
        let key = known.unwrap_or_else(|| self.add_port(Home::Kernel(KernelObject::Clock(which))));
        self.copy_send(key)
    }

    /// Has an alarm told to `to` at a time. What is wrong with the time is told there as well, at once. The right is gone
    /// in any case.
    pub(crate) fn alarm(
        &mut self,
        clock: ClockPort,
        kind: alarm_type_t,
        time: mach_timespec_t,
        to: Right,
    ) -> Result<()> {
        let refused = match (clock, &to) {
            (ClockPort::Calendar, _) => Some(KERN_FAILURE),
            (ClockPort::System, Right::Null | Right::Dead) => Some(KERN_INVALID_CAPABILITY),
            _ => None,
        };
        if let Some(code) = refused {
            self.release(to);
            return Err(code);
        }
        let now = Clock::Absolute.now();
        match end_of(kind, time, now) {
            Ok(at) if at > now => {
                if let Err(code) = self.begin_clock(Clock::Absolute) {
                    self.release(to);
                    return Err(code);
                }
                let due = Due::Alarm { to, kind };
                self.schedule(Clock::Absolute, at, due).map(drop)
            }
            Ok(_) => {
                self.tell_alarm(to, KERN_SUCCESS, kind, now);
                Ok(())
            }
            Err(code) => {
                self.tell_alarm(to, code, kind, now);
                Ok(())
            }
        }
    }

    /// Tells who asked that it is time.
    pub(super) fn give_alarm(&mut self, to: Right, kind: alarm_type_t) {
        self.tell_alarm(to, KERN_SUCCESS, kind, Clock::Absolute.now());
    }

    fn tell_alarm(&mut self, to: Right, code: kern_return_t, kind: alarm_type_t, at: u64) {
        let body = alarm_reply(code, kind, timespec(at));
        self.post(Kmsg::simple(ALARM_REPLY, to, body, Sender::default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn time(tv_sec: u32, tv_nsec: i32) -> mach_timespec_t {
        mach_timespec_t { tv_sec, tv_nsec }
    }

    #[test]
    fn a_time_counts_from_boot_or_from_now() {
        let now = 5 * NSEC_PER_SEC + 600_000_000;
        assert_eq!(end_of(0, time(2, 7), now), Ok(2 * NSEC_PER_SEC + 7));
        let later = end_of(1, time(2, 500_000_000), now);
        assert_eq!(later, Ok(8 * NSEC_PER_SEC + 100_000_000));
        // Seconds have 32 bits, also where they are added.
        let past = end_of(1, time(u32::MAX, 0), now);
        assert_eq!(past, Ok(4 * NSEC_PER_SEC + 600_000_000));
        for (kind, time) in [
            (2, time(1, 0)),
            (-1, time(1, 0)),
            (0, time(0, -1)),
            (1, time(0, 1_000_000_000)),
        ] {
            assert_eq!(end_of(kind, time, now), Err(KERN_INVALID_VALUE));
        }
    }
}
