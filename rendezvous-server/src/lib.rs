//! The parent's side of the port rendezvous.
//!
//! A parent registers a [`PortCollection`] under a child's process id; the
//! child sends one message and gets the rights. [`RendezvousServer`] keeps the
//! collections and answers, [`ServerGuard`] is the lock that makes spawning and
//! registering one step, [`LaunchGuard`] the same for launches side by side,
//! [`Registration`] tells what became of a collection.
//!
//! - Who asks is known by the audit token that the kernel put to the message.
//! - A collection is claimed once, or released when its process exits first.
//! - A process without a collection gets an empty reply, a message that is no
//!   request gets none: its destroyed reply right wakes the sender.
//!
//! Most parents need no more of this crate than [`RendezvousPort`]: the
//! `launcher` crate spawns and registers.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod collection;
mod entry;
mod error;
#[cfg(test)]
mod error_tests;
mod guard;
mod instances;
mod launch;
mod port;
#[cfg(test)]
mod port_tests;
#[cfg(test)]
mod races;
mod registration;
mod registry;
mod server;
#[cfg(test)]
mod server_tests;
mod shared;
mod table;

pub use collection::{CollectionError, PortCollection};
pub use error::{RegisterError, ServerError};
pub use guard::ServerGuard;
pub use launch::LaunchGuard;
pub use port::RendezvousPort;
pub use registration::{Refusal, Registration, Rendezvous};
#[cfg(feature = "sandbox")]
pub use rendezvous_protocol::Evidence;
pub use rendezvous_protocol::{
    BaseId, BaseIdError, PeerPolicy, PeerRequirement, Unmet, key,
    wire::{MAX_ADDITIONAL_DATA, MAX_PORTS},
};
pub use server::RendezvousServer;
