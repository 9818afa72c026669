//! The wire against what MIG's own stubs sent and answered.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(
    clippy::unwrap_used,
    reason = "what fails in a test is to be seen where it fails"
)]

mod defs;
mod echo;
mod hostile;
mod kinds;
mod live;
mod messages;
mod refusals;
mod servers;
mod vectors;
