//! The child's side of the port rendezvous.
//!
//! [`RendezvousClient::instance`] fetches, once per process, the rights that the
//! parent registered for it; then they are taken by key. Nothing waits without
//! a deadline, and nothing is accepted from a process that is not the server.
//!
//! # Example
//! Both sides in one process, which asks its own server. In a child
//! [`RendezvousClient::instance`] stands for all of its side, and the parent's
//! is what a launcher does.
//!
//! ```
//! use std::time::Duration;
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//! use rendezvous_client::{BaseId, ConnectOptions, RendezvousClient, key};
//! use rendezvous_server::{PortCollection, RendezvousServer};
//!
//! const RESULTS: u32 = key(b"rslt");
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The parent's side: a collection for a process, here for this one.
//! let base_id = BaseId::new("com.example.Viewer.page")?;
//! let server = RendezvousServer::new(&base_id)?;
//! let results = ReceiveRight::new()?;
//! let mut ports = PortCollection::new();
//! ports.insert(RESULTS, results.make_send()?)?;
//! ports.set_additional_data(b"quality=85".to_vec())?;
//! let pid = std::process::id().cast_signed();
//! server.lock().register(pid, ports)?;
//!
//! // The child's side: one message brings everything, then each right is taken once.
//! let options = ConnectOptions::new()
//!     .base_id(base_id)
//!     .server_pid(pid)
//!     .deadline(Duration::from_secs(10));
//! let client = RendezvousClient::connect(&options)?;
//! assert_eq!(client.additional_data(), b"quality=85");
//! let to_parent = client.take_send(RESULTS)?.ok_or("the parent left no port")?;
//! assert!(client.take_send(RESULTS)?.is_none());
//! Message::new(7).send(&to_parent, &SendOptions::new())?;
//!
//! let message = results.receive(&ReceiveOptions::new().timeout(Duration::from_secs(10)))?;
//! assert_eq!(message.id(), 7);
//! # Ok(())
//! # }
//! ```
//!
//! # What a server answers
//! | result | what happened |
//! |---|---|
//! | `Ok`, with ports | |
//! | `Ok`, without | a server says that nothing is registered for this process, or an empty collection; or it was claimed before |
//! | [`ConnectError::Denied`] | the server has ports for this process and does not give them: it does not meet the requirement, or the server is in trouble |
//! | [`ConnectError::NoReply`] | somebody dropped the request: a process that is no server, or one in trouble |
//! | [`ConnectError::WrongProcess`], [`ConnectError::WrongUser`] | somebody else answered, whatever it was |
//! | [`ConnectError::LookUp`] | there is no server |
//! | [`ConnectError::DeadlineExceeded`] | the server does not answer |
//!
//! Who answers is looked at before the answer is.
//!
//! # Which server
//! By default the parent's, under the default base id. A launcher says in the
//! environment what differs ([`rendezvous_protocol::environment`]), and
//! [`ConnectOptions`] override that. Servers are asked in this order, until one
//! has something for this process:
//!
//! 1. the port that the launcher gave it, if the environment says so: its
//!    bootstrap port, or a right that was passed to this process alone;
//! 2. the parent;
//! 3. the process that the environment names as the server.
//!
//! The last two are the same for a child that a launcher started. They differ
//! where a process stands between server and client, a shell or a tracer: it is
//! no server, so the one named is asked. And they differ for a grandchild that
//! its parent started by other means than a launcher, with the parent's own
//! variables: its parent knows it, if anybody does.
//!
//! A server hands ports to the pid that they were registered for. So asking in
//! vain takes nothing from anybody; and who starts helpers through a process
//! that forks must register the helper's pid, not that of the process in
//! between.
//!
//! The environment can name a server, it cannot vouch for one: a reply is only
//! accepted from the process in the server's name, run by this process's user
//! or by root; where the right was passed, from the parent in the same way. A bootstrap port needs no such proof: nobody but who started
//! this process could have given it.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

#[cfg(feature = "tokio")]
mod asynchronous;
mod client;
#[cfg(test)]
mod client_tests;
mod connect;
mod error;
#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod hostile_tests;
mod options;
mod route;
mod task_port;

pub use client::RendezvousClient;
pub use error::{ConnectError, ServerName, TakeError};
pub use options::{ConnectOptions, DEFAULT_DEADLINE};
pub use rendezvous_protocol::{
    BaseId, BaseIdError, Denial, MalformedReply, PeerPolicy, PeerRequirement, Unmet, key,
};
