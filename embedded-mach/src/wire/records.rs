//! The fixed parts of a packet. All integers are the machine's: both ends are on it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The first word of every packet: "EM", version 3.
pub(crate) const MAGIC: u32 = u32::from_be_bytes(*b"EM\x00\x03");

pub(crate) const MESSAGE: u8 = 1;
pub(crate) const ADD_LINK: u8 = 2;
pub(crate) const PROBE: u8 = 3;
pub(crate) const HELLO: u8 = 4;
/// By a way back, each for the slot in the prefix: a message, a right given up, a right that has a link now.
pub(crate) const REPLY: u8 = 5;
pub(crate) const UNUSED: u8 = 6;
pub(crate) const CONVERT: u8 = 7;
/// Forward over a link: slots whose port has died, slots that have links now, the last send right given up.
pub(crate) const GONE: u8 = 8;
pub(crate) const REPLACE: u8 = 9;
pub(crate) const LEAVE: u8 = 10;
/// Back over a link: the queue limit of its port, and bytes that do not count.
pub(crate) const LIMIT: u8 = 11;
/// Forward over a link: the sending end by which replies go back.
pub(crate) const BACK: u8 = 12;

/// The payload is in a sealed memfd, the first descriptor.
pub(crate) const BULK: u8 = 1;
/// The descriptors are in packets queued in a socket, the next descriptor.
pub(crate) const CARRIER: u8 = 2;

/// How every packet begins.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Prefix {
    pub(crate) magic: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    /// The slot that it is about, counted from 1; 0 for none. Here, for the payload may be lost with a descriptor.
    pub(crate) slot: u16,
    /// Bytes of payload.
    pub(crate) length: u32,
    /// Descriptors, those that carry others not counted.
    pub(crate) descriptors: u32,
    /// Which use of the slot.
    pub(crate) generation: u32,
}

/// A message; its body and its items follow.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct MessageRecord {
    pub(crate) id: i32,
    pub(crate) flags: u16,
    pub(crate) reply_disposition: u8,
    pub(crate) reserved: u8,
    pub(crate) body: u32,
    pub(crate) items: u32,
    pub(crate) voucher: u32,
    pub(crate) sent: [u32; 2],
}

pub(crate) const COMPLEX: u16 = 1;
pub(crate) const THROUGH_ONCE: u16 = 2;

/// One descriptor of a body.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct ItemRecord {
    pub(crate) kind: u8,
    pub(crate) disposition: u8,
    pub(crate) flags: u16,
    /// Bytes of memory, or rights of an array.
    pub(crate) count: u32,
    /// A guarded port's context.
    pub(crate) context: [u32; 2],
}

pub(crate) const ITEM_PORT: u8 = 0;
pub(crate) const ITEM_MEMORY: u8 = 1;
pub(crate) const ITEM_PORTS: u8 = 2;
pub(crate) const ITEM_GUARDED: u8 = 4;

pub(crate) const VIRTUAL_COPY: u16 = 1;
pub(crate) const VOLATILE: u16 = 2;
pub(crate) const SEALED: u16 = 4;

/// A right.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct RightRecord {
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    /// Meaning by kind: a send right's number, link, via and root; a memory entry's offset and size.
    pub(crate) values: [[u32; 2]; 4],
}

pub(crate) const RIGHT_NULL: u32 = 0;
pub(crate) const RIGHT_DEAD: u32 = 1;
pub(crate) const RIGHT_SEND: u32 = 2;
pub(crate) const RIGHT_ONCE: u32 = 3;
pub(crate) const RIGHT_RECEIVE: u32 = 4;
pub(crate) const RIGHT_SEMAPHORE: u32 = 5;
pub(crate) const RIGHT_MEMORY: u32 = 6;
pub(crate) const RIGHT_FILE: u32 = 7;
pub(crate) const RIGHT_HOST: u32 = 8;
pub(crate) const RIGHT_BOOTSTRAP: u32 = 9;
/// The send-once right of the slot in the prefix: the reply right of a message on a link, and no other.
pub(crate) const RIGHT_SLOT: u32 = 10;

pub(crate) const WRITABLE: u32 = 1;

/// A receive right; links, requests, service name and messages follow.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct PortRecord {
    pub(crate) qlimit: u32,
    pub(crate) links: u32,
    pub(crate) messages: u32,
    /// Bootstrap names.
    pub(crate) services: u32,
}

/// A receiving end.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct LinkRecord {
    pub(crate) link: [u32; 2],
    /// The lowest bit; above it what has been said of limits, and the highest if there is a way back.
    pub(crate) once: u32,
}

/// A number in two words, so that no record needs more than 4-byte alignment.
pub(crate) fn words(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

pub(crate) fn value(words: [u32; 2]) -> u64 {
    u64::from(words[0]) | u64::from(words[1]) << 32
}

/// A slot that a control packet speaks of.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct SlotRecord {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}
