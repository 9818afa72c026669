//! Monitors, against an agent that does what a test tells it, and programs as they are on the machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod answers;
mod attaching;
mod ends;
mod fake;
#[cfg(target_os = "linux")]
mod linux_programs;
#[cfg(target_os = "linux")]
mod linux_real;
#[cfg(target_os = "linux")]
mod linux_snapshot;
mod logged;
mod nonsense;
#[cfg(feature = "tokio")]
mod tasks;

use std::time::{Duration, Instant};

/// Nothing here takes that long, unless the machine is very busy.
const LONG: Duration = Duration::from_secs(60);

/// Waits for what another thread does without saying so.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
