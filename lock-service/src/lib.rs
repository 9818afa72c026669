//! Locks between processes that end with their holder.
//!
//! Several processes must not do the same work at once; whoever holds a lock may crash; whoever shuts the machine down must
//! know that nothing is half done. A [`LockService`] hands out locks on volumes and on anything else with an id or a name.
//! A lock ends when its holder unlocks it, dies, drops its port, or when its lease is over, and the next one in the queue
//! gets it and is told how the one before ended.
//!
//! ```
//! use lock_service::{LockClient, LockOptions, LockService, Resource};
//!
//! let service = LockService::builder().start()?;
//!
//! let client = LockClient::open(service.right())?;
//! let cache = Resource::named("the cache").ok_or("no name")?;
//! let guard = client.lock(&cache, &LockOptions::new())?;
//! assert!(!guard.previous_died());
//! // … work on what is locked …
//! guard.unlock(0)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | [`state`] | who holds what and who waits, without ports and clocks |
//! | [`LockService`], [`Volumes`] | the server, and what a watcher of volumes plugs into it |
//! | [`LockClient`], [`VolumeClient`] | the clients, with guards that unlock |
//! | [`wire`] | the interfaces, for programs in C and for those that need no guards |

mod client;
mod resource;
mod server;
mod status;

pub mod state;
pub mod wire;

#[cfg(feature = "tokio")]
pub use client::LockEventStream;
pub use client::{
    EventsError, LockClient, LockError, LockEvents, LockGuard, LockOptions, Observed, RebootGuard,
    VolumeClient, VolumeGuard,
};
pub use resource::Resource;
pub use server::{Builder, Clock, LockService, NoVolumes, ServiceHandle, StartError, Volumes};
pub use state::Wait;
pub use status::Status;
pub use uuid::Uuid;
