//! The clock that agents tell times by.

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds of `CLOCK_MONOTONIC`; 0 if there is no such clock, which Linux has.
pub(crate) fn now() -> u64 {
    let Ok(now) = clock_gettime(ClockId::CLOCK_MONOTONIC) else {
        return 0;
    };
    let (seconds, nanoseconds) = (now.tv_sec().cast_unsigned(), now.tv_nsec().cast_unsigned());
    seconds
        .wrapping_mul(1_000_000_000)
        .wrapping_add(nanoseconds)
}
