//! Calls on memory, threads, the task and its name space, each in one process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

mod advice;
mod clock_ports;
mod clocks;
mod data_addresses;
mod entries;
mod faults;
mod files;
mod hosts;
mod kinds;
mod memory;
mod own_threads;
mod places;
mod purgeable;
mod ranges;
mod refused;
mod regions;
mod remapping;
mod semaphores;
mod space;
mod support;
mod tasks;
mod threads;
mod timers;
