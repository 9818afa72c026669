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

/// Whether an alarm type has undefined bits.
pub const fn BAD_ALRMTYPE(t: c_uint) -> bool {
    t & !TIME_RELATIVE != 0
}

const _: () = assert!(size_of::<mach_timespec>() == 8);
