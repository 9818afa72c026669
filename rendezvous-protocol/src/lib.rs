//! The message that rendezvous server and client exchange, defined once.
//!
//! Byte for byte Chromium's (`base/apple/mach_port_rendezvous.cc`), so that on
//! macOS either side may be Chromium's:
//!
//! | | id | contents |
//! |---|---|---|
//! | request | `'mrzv'`, or `'mrzV'` for the additional data too | a bare 24-byte header whose reply port is a send-once right |
//! | reply | `'MRZV'` | header, descriptor count, N port descriptors, N `u32` keys in ascending order, a `u64` count of bytes, that many bytes, padded to 4 |
//! | challenge | `'MRZC'` | header, a `u64` that the client sends back in a confirmation |
//! | confirmation | `'mrzc'`, or `'mrzC'` | as the request, and the challenge's `u64` |
//! | denial | `'MRZR'` | header, a `u32` that says why there are no ports |
//!
//! The server knows the client by the audit token alone. Where no reply is
//! due, the destroyed reply right wakes the client with a send-once
//! notification.
//!
//! [`wire`] decides what bytes are valid, without touching a port. The rest is
//! what both sides need to agree on: names ([`BaseId`]), the variables of a
//! child's [`environment`], keys ([`key()`]) and what a peer must be
//! ([`PeerRequirement`]).

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

#[cfg(test)]
mod arrived;
mod challenge;
mod denial;
pub mod environment;
mod key;
mod malformed;
mod name;
mod peer;
mod policy;
mod reply;
mod request;
#[doc(hidden)]
pub mod text;
pub mod wire;

pub use challenge::{Challenge, Confirmation};
pub use denial::Denial;
pub use key::{TASK_PORT, key};
pub use malformed::MalformedReply;
pub use name::{BaseId, BaseIdError, DEFAULT_BASE_ID, MAX_NAME_LEN};
pub use peer::{PeerRequirement, Unmet};
pub use policy::{PeerCheck, PeerPolicy};
pub use reply::Reply;
pub use request::Request;
#[cfg(feature = "sandbox")]
pub use sandbox::Evidence;
