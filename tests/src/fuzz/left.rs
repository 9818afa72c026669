//! What an input leaves behind.

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mach_ports::census::{self, Entry};

use crate::LONG;

/// More descriptors than what goes on behind a run may hold for a moment.
const FEW: i32 = 512;

/// What the task holds, in an order that does not depend on how it came to that.
fn held() -> Vec<Entry> {
    let mut held = census::names().expect("a census");
    held.sort_by_key(|entry| entry.name);
    held
}

/// Runs an input, and compares what the task holds then with what it held before.
///
/// # Panics
/// If that differs for good: other threads may have to let go of something.
pub(super) fn nothing_left(run: impl FnOnce()) {
    let before = held();
    run();
    let deadline = Instant::now() + LONG;
    while held() != before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(held(), before, "something is left, or gone");
    // The lowest number that is free grows with what is never closed.
    let free = nix::unistd::dup(std::io::stderr()).expect("a descriptor");
    assert!(free.as_raw_fd() < FEW, "descriptors are left");
}
