//! Requests and replies for long: nothing is allocated, with one thread and with several, and a deadline still holds.
//!
//! The program has no test harness, which would have threads of its own: a task of one thread waits otherwise than one
//! of several. It starts itself again as the second process.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

#[cfg(target_os = "linux")]
mod allocations;
#[cfg(target_os = "linux")]
mod rounds;

fn main() {
    #[cfg(target_os = "linux")]
    rounds::run();
}
