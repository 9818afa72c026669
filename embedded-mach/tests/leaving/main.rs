//! Memory that leaves with a message: what goes as it is, what is copied, and what the receiver has of it.
//!
//! A fork has all memory copied that leaves later, so what forks here is alone in its process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

mod alone;
mod budget;
mod busy;
mod changed;
mod forked;
mod parcel;
mod region;
mod whole;
