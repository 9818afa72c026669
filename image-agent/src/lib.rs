//! Agents: what tells a process's monitors of each image (program, library) that it loads or unloads.
//!
//! The messages are those of [`image_protocol`], and so are the rules: before a library's constructors run, and while it is still
//! mapped when it goes, each monitor is sent a message and waited for until its deadline. What sends them differs between the
//! systems:
//!
//! - On **Linux** it is an audit library of glibc's loader, which this crate has in it as bytes (`linux`). Whoever starts the
//!   process passes it as a descriptor. The program need not know of it, and everything is told, from the first library on.
//! - On **macOS** the program links this crate and calls [`start`], which has dyld call it back. What was loaded before that is
//!   told then, all at once: its initializers have run. Programs that do not link it tell nothing.
//!
//! A program that calls [`start`] works on both.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

#[cfg(any(test, target_vendor = "apple"))]
mod engine;
mod error;
#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_vendor = "apple")]
mod macos;
#[cfg(target_os = "linux")]
mod loaded {
    //! The loader has started the agent, if there is one.

    pub(crate) fn start() -> Result<(), crate::StartError> {
        Ok(())
    }
}

pub use error::StartError;

#[cfg(target_os = "linux")]
use loaded as platform;
#[cfg(target_vendor = "apple")]
use macos as platform;

/// Begins to tell monitors of this process's images, if its launcher has named any: to be called at the beginning of `main`.
///
/// On macOS the monitors' ports are taken from the [rendezvous](rendezvous_client::RendezvousClient::instance); the process's other ports stay
/// there. Monitors are told all images that are there, then that `main` has begun, then what comes and goes, each time before
/// the loader goes on. On Linux nothing is left to do.
///
/// ```
/// image_agent::start()?;
/// # Ok::<(), image_agent::StartError>(())
/// ```
///
/// # Errors
///
/// See [`StartError`]. The program can go on without monitors.
pub fn start() -> Result<(), StartError> {
    platform::start()
}
