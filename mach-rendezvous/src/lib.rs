//! A parent hands Mach port rights to the child that it is about to create.
//!
//! This is the one crate to depend on. It has no code of its own: it gathers the crates of the port rendezvous
//! under one name. What most programs need stands at the root, and everything else in [`ports`], [`client`],
//! [`server`] and [`launcher`].
//!
//! # Hello
//!
//! A child that gets one send right, and sends one message by it:
//!
//! ```no_run
//! //! Parent and child: one send right, one message.
//!
//! use std::env;
//! use std::error::Error;
//! use std::time::Duration;
//!
//! use mach_rendezvous::{
//!     Launcher, Message, Profile, ReceiveOptions, ReceiveRight, RendezvousClient, SendOptions, key,
//! };
//!
//! /// The child asks for its port by this.
//! const GREETINGS: u32 = key(b"helo");
//!
//! fn main() -> Result<(), Box<dyn Error>> {
//!     match env::args_os().nth(1) {
//!         Some(argument) if argument == "child" => child(),
//!         _ => parent(),
//!     }
//! }
//!
//! fn parent() -> Result<(), Box<dyn Error>> {
//!     let greetings = ReceiveRight::new()?;
//!     let child = Launcher::new(env::current_exe()?)
//!         .arg("child")
//!         .profile(Profile::ports_only())
//!         .port(GREETINGS, greetings.make_send()?)
//!         .spawn()?;
//!
//!     let message = greetings.receive(&ReceiveOptions::new().timeout(Duration::from_secs(10)))?;
//!     let sender = message
//!         .audit_token()
//!         .ok_or("the kernel does not say who sent this")?;
//!     let greeting = message.data().ok_or("this is no greeting")?;
//!     println!(
//!         "process {} says: {}",
//!         sender.pid(),
//!         str::from_utf8(greeting)?
//!     );
//!     println!("the child {} ended with {}", child.id(), child.wait()?);
//!     Ok(())
//! }
//!
//! fn child() -> Result<(), Box<dyn Error>> {
//!     let greetings = RendezvousClient::instance()?
//!         .take_send(GREETINGS)?
//!         .ok_or("the parent left no port")?;
//!     Message::new(1)
//!         .data(b"hello from your child")
//!         .send(&greetings, &SendOptions::new())?;
//!     Ok(())
//! }
//! ```
//!
//! The child is locked up: it has its port, and can do nothing else. Where the system cannot do that the launch says what is
//! missing and how to go on without. The parent keeps the receive right. The send right is the child's from the moment it asks; had it died before,
//! the right would have been released. Nobody else can take it: the parent's server knows who asks by the audit
//! token that the kernel puts to each message.
//!
//! # What is where
//!
//! | to | use |
//! |---|---|
//! | start a child with ports | [`Launcher`], [`Child`] |
//! | take the ports in the child | [`RendezvousClient`] |
//! | make ports, send and receive | [`ReceiveRight`], [`SendRight`], [`Message`] |
//! | demand something of the peer | [`PeerRequirement`], [`PeerPolicy`] |
//! | lock a child up | [`Profile`], [`Launcher::profile`] |
//! | learn what became of the ports | [`Child::wait_rendezvous`], [`Registration`] |
//! | spawn by other means, and register by hand | [`RendezvousServer`], [`PortCollection`] |
//! | react to messages and exits on a queue | [`ports::dispatch`] |
//! | wait for any of it as a task of tokio | the feature `tokio`: methods in `_async`, and `ports::tokio` |
//! | say what a server offers by a trait, as MIG does | [`interface`], [`interface::subsystem`] |
//! | have helpers that are replaced when they crash or hang | [`pool::HelperPool`] |
//! | see what a child loads, while it waits | [`ImageMonitor`], [`images`] |
//! | find out which rights are held | [`ports::census`] |
//!
//! # Features
//! `image-monitor`, `pool` and `sandbox` are there unless `default-features = false` says otherwise; `task-port` and `tokio`
//! are to be asked for.

#[cfg(feature = "pool")]
pub use helper_pool as pool;
#[cfg(feature = "image-monitor")]
pub use image_monitor as images;
pub use launcher;
pub use mach_interface as interface;
pub use mach_ports as ports;
pub use rendezvous_client as client;
pub use rendezvous_server as server;
#[cfg(feature = "sandbox")]
pub use sandbox;
#[cfg(feature = "task-port")]
pub use task_port;

#[cfg(feature = "image-monitor")]
pub use image_monitor::ImageMonitor;
pub use launcher::{Child, ExitEvent, LaunchError, Launcher, RunError, Stdio};
pub use mach_ports::{
    AnyRight, AuditToken, Disposition, FilePort, Message, Notification, OolMemory, PortSet,
    ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, Semaphore, SendError,
    SendOnceRight, SendOptions, SendRight, SharedMemory,
};
pub use rendezvous_client::{ConnectError, ConnectOptions, RendezvousClient, TakeError};
#[cfg(feature = "sandbox")]
pub use rendezvous_server::Evidence;
pub use rendezvous_server::{
    BaseId, LaunchGuard, PeerPolicy, PeerRequirement, PortCollection, Refusal, RegisterError,
    Registration, Rendezvous, RendezvousPort, RendezvousServer, ServerError, ServerGuard, key,
};
#[cfg(feature = "sandbox")]
pub use sandbox::{EnterError, Profile};
