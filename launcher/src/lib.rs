//! Spawns children that find their ports waiting.
//!
//! [`Launcher`] describes a child and creates it, while it keeps the
//! rendezvous server from answering: the child's ports are registered
//! before its first request can be answered. [`Child`] is the running process.
//!
//! - A failed launch says at which step and why, keeps the `errno`, leaves no
//!   process and releases the rights that would have moved.
//! - The child has no descriptors but those it was given, on both systems.
//! - The cost of a launch does not grow with the parent's memory, nor with the number of its children but for the
//!   kernel's copying of descriptors, of which each child is one or two on Linux.
//! - Threads launch side by side. A program that one of them has just written, and that the system does not execute because
//!   the child of another still has it open (`ETXTBSY`), is tried again for up to a second.
//!
//! # Features
//! Both are there unless `default-features = false` says otherwise.
//!
//! | | |
//! |---|---|
//! | `image-monitor` | [`Launcher::image_monitor`] |
//! | `sandbox` | [`Launcher::profile`], [`PeerRequirement::Sandboxed`] |
//!
//! `task-port` and `tokio` are to be asked for.
//!
//! # Example
//! A program that starts itself again, as a helper with a receive right for its
//! work and a send right for its answers:
//!
//! ```standalone_crate
//! use std::time::Duration;
//! use std::{env, error};
//! use launcher::{Launcher, Rendezvous, key};
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//! use rendezvous_client::RendezvousClient;
//!
//! const WORK: u32 = key(b"work");
//! const ANSWERS: u32 = key(b"answ");
//! const LONG: Duration = Duration::from_secs(60);
//!
//! fn main() -> Result<(), Box<dyn error::Error>> {
//!     if env::args().nth(1).is_some_and(|argument| argument == "helper") {
//!         helper()
//!     } else {
//!         parent()
//!     }
//! }
//!
//! fn parent() -> Result<(), Box<dyn error::Error>> {
//!     let (work, answers) = (ReceiveRight::new()?, ReceiveRight::new()?);
//!     let to_helper = work.make_send()?;
//!     let child = Launcher::new(env::current_exe()?)
//!         .arg("helper")
//!         .port(WORK, work)
//!         .port(ANSWERS, answers.make_send()?)
//!         .spawn()?;
//!
//!     // It waits in the port's queue, wherever the receive right is by now.
//!     Message::new(20).send(&to_helper, &SendOptions::new().timeout(LONG))?;
//!     let answer = answers.receive(&ReceiveOptions::new().timeout(LONG))?;
//!     assert_eq!(answer.id(), 21);
//!     assert_eq!(answer.audit_token().map(|helper| helper.pid()), Some(child.id()));
//!
//!     let fate = child.wait_rendezvous(LONG);
//!     assert!(matches!(fate, Some(Rendezvous::Acquired)));
//!     let status = child.wait_timeout(LONG)?;
//!     assert!(status.is_some_and(|status| status.success()));
//!     Ok(())
//! }
//!
//! fn helper() -> Result<(), Box<dyn error::Error>> {
//!     let client = RendezvousClient::instance()?;
//!     let work = client.take_receive(WORK)?.ok_or("no work")?;
//!     let answers = client.take_send(ANSWERS)?.ok_or("nobody to answer")?;
//!     let message = work.receive(&ReceiveOptions::new().timeout(LONG))?;
//!     Message::new(message.id() + 1).send(&answers, &SendOptions::new())?;
//!     Ok(())
//! }
//! ```

mod child;
mod error;
mod launch;
mod launcher;
#[cfg(feature = "image-monitor")]
mod sys;
#[cfg(test)]
mod tests;

pub use child::{Child, ExitEvent, shell_status};
pub use error::{LaunchCause, LaunchError, LaunchStep, RunError, SettingError};
pub use launch::{Resource, Stdio};
pub use launcher::Launcher;
#[cfg(feature = "sandbox")]
pub use rendezvous_server::Evidence;
pub use rendezvous_server::{
    BaseId, PeerPolicy, PeerRequirement, Refusal, Rendezvous, RendezvousPort, RendezvousServer,
    ServerError, key,
};
#[cfg(feature = "sandbox")]
pub use sandbox::{EnterError, Profile};
