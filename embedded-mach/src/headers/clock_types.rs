//! Times of the Mach clocks: `mach/clock_types.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(
    non_snake_case,
    reason = "function-like macros of the C header keep their names"
)]

use core::ffi::{c_int, c_uint, c_ulonglong};

/// Whether an alarm's time is absolute or relative.
pub type alarm_type_t = c_int;
/// Whether a sleep's time is absolute or relative.
pub type sleep_type_t = c_int;
/// Which clock.
pub type clock_id_t = c_int;
/// Which attribute of a clock.
pub type clock_flavor_t = c_int;
/// Attributes of a clock.
pub type clock_attr_t = *mut c_int;
/// Resolution or fraction of a second, in nanoseconds.
pub type clock_res_t = c_int;

/// A time or duration.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_timespec {
    /// Whole seconds.
    pub tv_sec: c_uint,
    /// Nanoseconds, valid from 0 up to 999,999,999.
    pub tv_nsec: clock_res_t,
}
/// A time or duration.
pub type mach_timespec_t = mach_timespec;

/// The clock that counts from boot.
pub const SYSTEM_CLOCK: c_uint = 0;
/// The clock that tells the date.
pub const CALENDAR_CLOCK: c_uint = 1;
/// Another name of [`SYSTEM_CLOCK`].
pub const REALTIME_CLOCK: c_uint = 0;

/// Flavor: resolution of reading the time.
pub const CLOCK_GET_TIME_RES: c_uint = 1;
/// Flavor: current resolution of alarms.
pub const CLOCK_ALARM_CURRES: c_uint = 3;
/// Flavor: finest resolution of alarms.
pub const CLOCK_ALARM_MINRES: c_uint = 4;
/// Flavor: coarsest resolution of alarms.
pub const CLOCK_ALARM_MAXRES: c_uint = 5;

/// Nanoseconds in a microsecond.
pub const NSEC_PER_USEC: c_ulonglong = 1_000;
/// Microseconds in a second.
pub const USEC_PER_SEC: c_ulonglong = 1_000_000;
/// Nanoseconds in a second.
pub const NSEC_PER_SEC: c_ulonglong = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub const NSEC_PER_MSEC: c_ulonglong = 1_000_000;

/// The bits of an alarm type that are defined.
pub const ALRMTYPE: c_uint = 0xff;
/// The time is a point of the clock.
pub const TIME_ABSOLUTE: c_uint = 0;
/// The time counts from now.
pub const TIME_RELATIVE: c_uint = 1;

/// Whether the nanoseconds are outside a second.
pub const fn BAD_MACH_TIMESPEC(t: mach_timespec) -> bool {
    t.tv_nsec < 0 || t.tv_nsec as c_ulonglong >= NSEC_PER_SEC
}

/// How the first time is to the second: [`NSEC_PER_SEC`] if it is a second or more later, its complement if a second or more
/// earlier, else how many nanoseconds later it is.
pub const fn CMP_MACH_TIMESPEC(t1: &mach_timespec, t2: &mach_timespec) -> c_ulonglong {
    if t1.tv_sec > t2.tv_sec {
        NSEC_PER_SEC
    } else if t1.tv_sec < t2.tv_sec {
        !NSEC_PER_SEC
    } else {
        (t1.tv_nsec as c_ulonglong).wrapping_sub(t2.tv_nsec as c_ulonglong)
    }
}

/// Adds the second time to the first.
pub const fn ADD_MACH_TIMESPEC(t1: &mut mach_timespec, t2: &mach_timespec) {
    t1.tv_nsec += t2.tv_nsec;
    if t1.tv_nsec >= SECOND {
        t1.tv_nsec -= SECOND;
        t1.tv_sec += 1;
    }
    t1.tv_sec += t2.tv_sec;
}

/// Takes the second time from the first, which is not earlier.
pub const fn SUB_MACH_TIMESPEC(t1: &mut mach_timespec, t2: &mach_timespec) {
    t1.tv_nsec -= t2.tv_nsec;
    if t1.tv_nsec < 0 {
        t1.tv_nsec += SECOND;
        t1.tv_sec -= 1;
    }
    t1.tv_sec -= t2.tv_sec;
}

/// [`NSEC_PER_SEC`], as nanoseconds are kept.
const SECOND: clock_res_t = NSEC_PER_SEC as clock_res_t;

/// Whether an alarm type has undefined bits.
pub const fn BAD_ALRMTYPE(t: c_uint) -> bool {
    t & !TIME_RELATIVE != 0
}

const _: () = assert!(size_of::<mach_timespec>() == 8);

#[cfg(test)]
mod tests {
    use super::*;

    const fn time(tv_sec: c_uint, tv_nsec: clock_res_t) -> mach_timespec {
        mach_timespec { tv_sec, tv_nsec }
    }

    #[test]
    fn seconds_are_carried() {
        let mut t = time(1, 600_000_000);
        ADD_MACH_TIMESPEC(&mut t, &time(2, 500_000_000));
        assert_eq!(t, time(4, 100_000_000));
        SUB_MACH_TIMESPEC(&mut t, &time(2, 500_000_000));
        assert_eq!(t, time(1, 600_000_000));
        assert_eq!(CMP_MACH_TIMESPEC(&t, &time(1, 1)), 599_999_999);
        assert_eq!(CMP_MACH_TIMESPEC(&time(2, 0), &t), NSEC_PER_SEC);
        assert_eq!(CMP_MACH_TIMESPEC(&t, &time(2, 0)), !NSEC_PER_SEC);
    }
}
