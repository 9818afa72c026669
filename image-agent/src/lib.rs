//! Agents: what tells a process's monitors of each image (program, library) that it loads or unloads.
//!
//! The messages are those of [`image_protocol`]. What sends them differs between the systems:
//!
//! - On **Linux** it is an audit library of glibc's loader, which this crate has in it as bytes ([`linux`]). Whoever
//!   starts the process passes it as a descriptor; the program knows nothing of it.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

#[cfg(target_os = "linux")]
pub mod linux;
