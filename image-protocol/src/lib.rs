//! What a process tells its *monitors* of the images (program, libraries) that it loads and unloads.
//!
//! The system is that of dyld's `dyld_process_info_notify`: an *agent* in the process sends each monitor a message for what
//! was loaded, before its constructors run, for what is unloaded, while it is still mapped, and for the moment before `main`.
//! It waits for the monitor's reply to each of them, so that the monitor can look at the process meanwhile.
//!
//! Ids and layouts are dyld's, in the machine's byte order; offsets count from the Mach header, as there. Version 2, this
//! one, adds fields behind those of version 1 and an array of its own, both where a reader of version 1 does not look.
//!
//! | message | id | from | contents |
//! |---|---|---|---|
//! | [`LOAD`] | `0x1000` | agent | [`Images`] |
//! | [`UNLOAD`] | `0x2000` | agent | [`Images`] |
//! | [`MAIN`] | `0x3000` | agent | [`Images`], none of them |
//! | [`HELLO`] | `0x4000` | agent | [`Hello`], with a send right to the agent's reply port as the reply right. The first message; it is not answered |
//! | [`REPLY`] | `0x5000` | monitor | [`Reply`]: the message with this sequence number is done with |
//! | [`ATTACH`] | `0x6000` | monitor | [`Attach`], with a send right to the port of a further monitor |
//!
//! The crate needs no `std` and no allocation, for an agent that is loaded ahead of the C library has neither. What comes from
//! the other process is checked whole before anything of it is used. [`packet`] has those of the embedded Mach's packets that
//! such an agent writes and reads itself, [`environment`] how it is told of its monitors.
//!
//! ```
//! use image_protocol::{Event, Image, LOAD, Stamp, decode, encode};
//!
//! let image = Image { load_address: 0x7f00_0000_0000, path: b"/usr/lib/libm.so.6", ..Image::default() };
//! let stamp = Stamp { timestamp: 17, sequence: 1, monitor: 0 };
//! let mut body = [0; 512];
//! let len = encode(&mut body, stamp, [image].into_iter())?;
//!
//! let Event::Load(images) = decode(LOAD, &body[..len])? else { unreachable!() };
//! assert_eq!(images.stamp(), stamp);
//! assert_eq!(images.iter().next(), Some(image));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

#[cfg(test)]
extern crate std;

mod bytes;
mod decode;
mod encode;
pub mod environment;
mod error;
mod hello;
mod image;
mod layout;
pub mod packet;
mod parts;
mod reply;

pub use decode::{Event, Images, decode};
pub use encode::{encode, readdress};
pub use error::{Malformed, TooLong};
pub use hello::Hello;
pub use image::{Image, ImageFlags, Stamp};
pub use parts::in_parts;
pub use reply::{Attach, Reply};

/// The version of these messages. Version 1 is dyld's.
pub const VERSION: u32 = 2;

/// Id of a message about images that were loaded, and whose constructors have not run: dyld's.
pub const LOAD: i32 = 0x1000;
/// Id of a message about images that are about to be unloaded, and are still mapped: dyld's.
pub const UNLOAD: i32 = 0x2000;
/// Id of the message before `main`: dyld's.
pub const MAIN: i32 = 0x3000;
/// Id of an agent's first message.
pub const HELLO: i32 = 0x4000;
/// Id of a monitor's answer.
pub const REPLY: i32 = 0x5000;
/// Id of a monitor's message that brings a further monitor.
pub const ATTACH: i32 = 0x6000;

/// How many monitors a process can have at a time.
pub const MAX_MONITORS: usize = 8;

/// How long an agent waits for a reply, in milliseconds, where nobody says otherwise.
pub const DEFAULT_DEADLINE_MS: u32 = 2000;

/// The most bytes of a message's body, the Mach header not counted. What would be longer is split in halves ([`in_parts`]).
///
/// dyld's buffer has 32 KiB, and so have the embedded Mach's packets, in which a head of 68 bytes counts.
pub const MAX_BODY: usize = 32 * 1024 - 68;
