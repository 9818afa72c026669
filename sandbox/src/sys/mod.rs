//! What a system must supply.
//!
//! | item | what it does |
//! |---|---|
//! | `missing` | the parts of a profile that the system cannot do |
//! | `enter` | locks this process up |
//! | `Imposed` | has a child locked up before it executes its program |
//! | `ResourceNumber` | the type of a resource's number |
//! | `status` | how a process is locked up |

mod limits;
mod search;

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
