//! Messages, byte for byte as C lays them out (packed to 4 bytes).
//!
//! - `write`: a [`Letter`], which is a message to be sent;
//! - `buffer`: a [`Buffer`], which is room for a message and what is there: header and trailer;
//! - `body`: what a message carries, as [`Item`]s;
//! - `read`: receiving.

mod body;
mod buffer;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::time::Duration;

pub use body::{Item, Region};
pub use buffer::Buffer;
pub use read::{drain, poll, receive, receive_with};
pub use write::Letter;

/// How long a test waits for what must come, in milliseconds.
pub const SOON: u32 = 10_000;

/// As [`SOON`], for waits that are not Mach's.
pub const DEADLINE: Duration = Duration::from_millis(SOON as u64);

/// The size of a header.
pub const HEADER: usize = 24;
