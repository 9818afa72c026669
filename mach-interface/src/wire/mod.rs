//! Requests and replies byte for byte: what is written, and what is accepted.
//!
//! Order in a message: header; if there are descriptors, their count and they; the NDR record, if anything but a fixed
//! number of rights is carried; in simple replies the return code; the inline arguments.

mod check;
mod cursor;
mod shape;
mod taker;
mod writer;

pub use check::{Reply, check_reply, check_request};
pub use cursor::Cursor;
pub use shape::Shape;
pub use taker::Taker;
pub use writer::{TooLong, Writer, reply, request};

pub(crate) use writer::code_reply;

/// Reply ids are request ids plus this.
pub(crate) const REPLY_OFFSET: i32 = 100;
/// Size of the header.
pub(crate) const HEADER: usize = 24;
/// Where descriptors begin, behind their count.
pub(crate) const DESCRIPTORS_AT: usize = HEADER + 4;
/// `NDR_record` of a little-endian 64-bit task. Receivers ignore what it says.
pub const NDR: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];
/// Size of a reply that says nothing but a code.
pub(crate) const CODE_REPLY: usize = HEADER + NDR.len() + 4;

/// Everything in a message stands at a multiple of 4.
pub(crate) const fn padded(len: usize) -> usize {
    len.next_multiple_of(4)
}

#[cfg(target_endian = "big")]
compile_error!("MIG's wire is written here as little-endian tasks write it");
