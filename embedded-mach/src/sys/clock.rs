//! Clocks: those that only go forward, and the wall clock in the form in which the kernel stamps packets.

use nix::time::{ClockId, clock_gettime};

/// A clock that only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clock {
    /// Time that the machine has been up and awake.
    Absolute,
    /// Time since the machine was started, asleep or not.
    Continuous,
}

impl Clock {
    pub(crate) const ALL: [Self; 2] = [Self::Absolute, Self::Continuous];

    /// Its time, in nanoseconds.
    pub(crate) fn now(self) -> u64 {
        nanoseconds(match self {
            Self::Absolute => ClockId::CLOCK_MONOTONIC,
            Self::Continuous => ClockId::CLOCK_BOOTTIME,
        })
    }
}

/// A clock's time. All that are asked here exist, and a time before 0 is none.
pub(crate) fn nanoseconds(clock: ClockId) -> u64 {
    clock_gettime(clock).map_or(0, |time| {
        let seconds = time.tv_sec().cast_unsigned();
        seconds.wrapping_mul(1_000_000_000) + time.tv_nsec().cast_unsigned()
    })
}

/// Nanoseconds since 1970, comparable with the stamps of packets.
pub(crate) fn now_stamp() -> u64 {
    nanoseconds(ClockId::CLOCK_REALTIME)
}
