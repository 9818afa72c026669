//! What a platform supplies. Everything outside this folder is the same code on every platform.
//!
//! | item | what it is |
//! |---|---|
//! | `agent::add_ports` | adds the ports of image monitors to the child's rendezvous, where its agent takes them from there |
//! | `agent::prepare` | what puts an agent into the child and tells it of its monitors, or tells the one that the child links |

use std::ffi::OsString;
use std::os::fd::{OwnedFd, RawFd};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;

#[cfg(target_os = "linux")]
pub(crate) use linux::agent;
#[cfg(target_vendor = "apple")]
pub(crate) use macos::agent;

/// What a child's agent starts with.
#[derive(Debug, Default)]
pub(crate) struct Preparation {
    /// Descriptors, by their numbers in the child.
    pub(crate) descriptors: Vec<(RawFd, OwnedFd)>,
    /// Variables of the child's.
    pub(crate) variables: Vec<(&'static str, OsString)>,
}
