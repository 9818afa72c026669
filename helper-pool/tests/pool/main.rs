//! Pools of real processes: this program, started again.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

#[cfg(feature = "tokio")]
mod asynchronous;
mod calls;
mod chaos;
mod elastic;
mod events;
mod faults;
mod jobs;
mod lab;
mod leaks;
mod locked;
mod parent;
mod recycling;
mod sessions;
mod starts;
mod steps;
mod stop;
