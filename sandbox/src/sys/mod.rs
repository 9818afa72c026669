//! What a system must supply.
//!
//! | item | what it does |
//! |---|---|
//! | `missing` | the parts of a profile that the system cannot do |
//! | `enter` | locks this process up |
//! | `Imposed` | locks a child up before it executes its program: in the child, or by a program in between |
//! | `status` | how a process is locked up |

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod platform;
#[cfg(target_vendor = "apple")]
#[path = "macos/mod.rs"]
mod platform;

/// Seatbelt's language, which needs no macOS to be written.
#[cfg(any(target_vendor = "apple", test))]
mod seatbelt;

pub(crate) use platform::{Imposed, enter, missing, status};
