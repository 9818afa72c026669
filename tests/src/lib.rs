//! Tests across processes, and what they share.
//!
//! The process on the other side is mostly the binary `peer` of this package: it does what a test tells it, step
//! by step, so that a test knows what has happened on both sides without waiting for time to pass.
//!
//! Tests of the Mach calls themselves take [`raw`], the calls without `unsafe`, [`letter`], messages byte for byte, and
//! [`second`], which runs a test in a process of its own or between two. They know no platform. [`model`]
//! says what those calls must do, for random sequences of them.
//!
//! Whatever goes wrong here ends the test: helpers panic.

pub mod bytes;
pub mod events;
pub mod forked;
pub mod holding;
pub mod letter;
pub mod model;
pub mod notice;
pub mod patience;
pub mod peer;
pub mod raw;
pub mod second;

use std::time::Duration;

/// How long anything may take before a test gives up: it is for a machine that is busy with something else.
pub const LONG: Duration = Duration::from_secs(60);
