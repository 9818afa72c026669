//! The wall clock, in the form in which the kernel stamps packets.

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970, comparable with the stamps of packets.
pub(crate) fn now_stamp() -> u64 {
    clock_gettime(ClockId::CLOCK_REALTIME).map_or(0, |now| {
        (now.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(now.tv_nsec() as u64)
    })
}
