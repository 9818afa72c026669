//! `mach_absolute_time`.

use std::ops::Add;
use std::sync::OnceLock;
use std::time::Duration;

use crate::ffi::kern_return::KERN_ABORTED;
use crate::ffi::mach_time;

/// A point of the clock that counts while the machine is awake: `mach_absolute_time`.
///
/// It is a number of ticks, which have another length on each machine. Durations are made of them, and added to them, so that
/// nothing is early: a duration is rounded up to whole ticks, and the time between two points down to nanoseconds. What does
/// not fit stays at the end of the clock, centuries away.
///
/// ```
/// use std::time::Duration;
/// use mach_ports::time::AbsoluteTime;
///
/// let begun = AbsoluteTime::now();
/// let later = begun + Duration::from_millis(2);
/// later.sleep_until();
/// assert!(AbsoluteTime::now() >= later);
/// assert!(begun.elapsed() >= Duration::from_millis(2));
/// assert_eq!(begun.duration_since(later), Duration::ZERO);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsoluteTime(u64);

impl AbsoluteTime {
    /// The time it is.
    #[must_use]
    pub fn now() -> Self {
        // SAFETY: takes nothing.
        Self(unsafe { mach_time::mach_absolute_time() })
    }

    /// A point by its number of ticks.
    #[must_use]
    pub const fn from_ticks(ticks: u64) -> Self {
        Self(ticks)
    }

    /// Its number of ticks.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        self.0
    }

    /// How long it is after another point; zero if it is not.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Duration {
        Timebase::get().duration(self.0.saturating_sub(earlier.0))
    }

    /// How long ago it is; zero if it is still to come.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Self::now().duration_since(self)
    }

    /// Blocks the thread until this point. Signal handlers run meanwhile.
    pub fn sleep_until(self) {
        // SAFETY: takes a number.
        while unsafe { mach_time::mach_wait_until(self.0) } == KERN_ABORTED {}
    }
}

impl Add<Duration> for AbsoluteTime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(Timebase::get().ticks(duration)))
    }
}

/// Ticks times the first divided by the second are nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timebase {
    numer: u32,
    denom: u32,
}

impl Timebase {
    pub(super) fn get() -> Self {
        static TIMEBASE: OnceLock<Timebase> = OnceLock::new();
        *TIMEBASE.get_or_init(|| {
            let mut info = mach_time::mach_timebase_info { numer: 0, denom: 0 };
            // SAFETY: `info` is valid for the call to write.
            unsafe { mach_time::mach_timebase_info(&mut info) };
            // The call does not fail. Nanoseconds are what most machines count.
            Self {
                numer: info.numer.max(1),
                denom: info.denom.max(1),
            }
        })
    }

    /// A duration in ticks, rounded up; as many as there can be, if it is longer.
    pub(super) fn ticks(self, duration: Duration) -> u64 {
        // A duration has at most 2^94 nanoseconds.
        let ticks = duration
            .as_nanos()
            .checked_mul(u128::from(self.denom))
            .map(|nanoseconds| nanoseconds.div_ceil(u128::from(self.numer)));
        ticks
            .and_then(|ticks| u64::try_from(ticks).ok())
            .unwrap_or(u64::MAX)
    }

    /// Ticks as a duration, rounded down to nanoseconds.
    pub(super) fn duration(self, ticks: u64) -> Duration {
        let nanoseconds = u128::from(ticks) * u128::from(self.numer) / u128::from(self.denom);
        let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        Duration::new(
            u64::try_from(seconds).unwrap_or(u64::MAX),
            u32::try_from(rest).unwrap_or(0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_up_to_ticks_and_ticks_down_to_nanoseconds() {
        // As on a processor of Apple's: 24 million ticks a second.
        let apple = Timebase {
            numer: 125,
            denom: 3,
        };
        assert_eq!(apple.ticks(Duration::from_secs(1)), 24_000_000);
        assert_eq!(apple.ticks(Duration::from_nanos(1)), 1);
        assert_eq!(apple.ticks(Duration::from_nanos(42)), 2);
        assert_eq!(apple.duration(24_000_000), Duration::from_secs(1));
        assert_eq!(apple.duration(1), Duration::from_nanos(41));
        assert_eq!(apple.ticks(Duration::ZERO), 0);
        for ticks in [0, 1, 2, 23_999_999, u64::MAX / 3] {
            assert_eq!(apple.ticks(apple.duration(ticks)), ticks);
        }
        let plain = Timebase { numer: 1, denom: 1 };
        assert_eq!(plain.ticks(Duration::MAX), u64::MAX);
        let most = Timebase {
            numer: u32::MAX,
            denom: 1,
        };
        assert_eq!(most.duration(u64::MAX).as_secs(), u64::MAX);
        let least = Timebase {
            numer: 1,
            denom: u32::MAX,
        };
        assert_eq!(least.ticks(Duration::MAX), u64::MAX);
    }

    #[test]
    fn the_end_of_the_clock_is_not_passed() {
        let end = AbsoluteTime::from_ticks(u64::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(AbsoluteTime::now() + Duration::MAX, end);
        assert_eq!(end.elapsed(), Duration::ZERO);
    }
}
