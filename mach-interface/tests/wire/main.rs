//! The wire against what MIG's own stubs sent and answered.

mod defs;
mod echo;
mod hostile;
mod kinds;
mod live;
mod messages;
mod refusals;
mod servers;
mod vectors;
