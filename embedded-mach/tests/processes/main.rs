//! Rights to the library's own objects between processes: semaphores, memory, open files.
//!
//! Each test starts this program again, for itself alone, as the second process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

mod files;
mod inherited;
mod mail;
mod memory;
mod second;
mod semaphores;
mod timers;
