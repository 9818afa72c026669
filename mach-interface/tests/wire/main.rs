//! The wire against what MIG's own stubs sent and answered.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod defs;
mod echo;
mod hostile;
mod kinds;
mod live;
mod messages;
mod refusals;
mod servers;
mod unsent;
mod vectors;
