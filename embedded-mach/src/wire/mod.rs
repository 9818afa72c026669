//! What tasks send each other, as bytes and descriptors.
//!
//! `tree` is a packet taken apart, `encode` and `decode` are its two directions, `parcel` puts bytes and descriptors
//! into packets whatever their number, `source` is what a packet's bytes are read from: a long payload stays in its file
//! until somebody wants it. Nothing here knows a name or a port: it can be tested, and attacked, alone.
//!
//! The process on the other end may send anything. A packet that breaks one rule is dropped whole.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod layout;
pub(crate) mod parcel;
pub(crate) mod plain;
pub(crate) mod records;
pub(crate) mod source;
pub(crate) mod spare;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
