//! Spawns children that find their ports waiting.
//!
//! [`Launcher`] describes a child and creates it with `posix_spawn`, while it
//! holds the lock of the rendezvous server: the child's ports are registered
//! before its first request can be answered. [`Child`] is the running process.
//!
//! - A failed launch says at which step and why, keeps the `errno`, leaves no
//!   process and releases the rights that would have moved.
//! - The child has no descriptors but those it was given, on both systems.
//! - The cost of a launch does not grow with the parent's memory.

mod child;
mod error;
mod launch;
mod launcher;
#[cfg(test)]
mod tests;

pub use child::{Child, ExitEvent};
pub use error::{LaunchCause, LaunchError, LaunchStep, RunError, SettingError};
pub use launch::Stdio;
pub use launcher::Launcher;
pub use rendezvous_server::{
    BaseId, PeerPolicy, PeerRequirement, Refusal, Rendezvous, RendezvousPort, RendezvousServer, key,
};
