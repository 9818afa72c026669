//! The wall clock, in the form in which the kernel stamps packets.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970, comparable with the stamps of packets.
pub(crate) fn now_stamp() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_nanos() as u64)
}
