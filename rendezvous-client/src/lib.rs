//! The child's side of the port rendezvous.
//!
//! [`RendezvousClient::instance`] fetches, once per process, the rights that the
//! parent registered for it; then they are taken by key. Nothing waits without
//! a deadline, and nothing is accepted from a process that is not the server.
//!
//! # Which server
//! By default the parent's, under the default base id. A launcher says in the
//! environment what differs: another base id, a bootstrap port that is the
//! server itself, the pid of the server where processes stand in between
//! ([`rendezvous_protocol::environment`]). [`ConnectOptions`] override both.

mod client;
#[cfg(test)]
mod client_tests;
mod connect;
mod error;
#[cfg(test)]
mod hostile_tests;
mod options;
mod route;

pub use client::RendezvousClient;
pub use error::{ConnectError, TakeError};
pub use options::{ConnectOptions, DEFAULT_DEADLINE};
pub use rendezvous_protocol::{
    BaseId, BaseIdError, MalformedReply, PeerPolicy, PeerRequirement, Unmet, key,
};
