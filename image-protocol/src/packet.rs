//! The embedded Mach's packets, as far as an agent needs them that is loaded ahead of everything else (Linux).
//!
//! An agent sends over the link that the launcher gave it, and hears replies over a link of its own, whose sending end its first
//! message brings as the reply right. So it writes messages with such a right or none, and reads messages with nothing or one
//! send right in them. [The bytes between tasks](https://github.com/mach-rendezvous/mach-rendezvous/blob/main/docs/wire.md)
//! has the whole format.

use crate::bytes::{put, put_u32s, u32_at};
use crate::layout::HEADER;

/// The first word of every packet: "EM" and the version of the format, in which both ends agree or do not speak.
const MAGIC: u32 = u32::from_be_bytes(*b"EM\x00\x03");
const MESSAGE: u8 = 1;

// The prefix.
const KIND: usize = 4;
const LENGTH: usize = 8;
const DESCRIPTORS: usize = 12;
const PREFIX: usize = 20;
// The message's record.
const ID: usize = PREFIX;
const FLAGS: usize = 24;
const REPLY_DISPOSITION: usize = 26;
const BODY: usize = 28;
const ITEMS: usize = 32;
/// The reply right.
const RIGHT: usize = 48;
const RIGHT_LEN: usize = 40;

const COMPLEX: u8 = 1;
const PORT_SEND: u8 = 17;
const RIGHT_SEND: u32 = 2;

/// What stands before a message's body.
pub const HEAD: usize = RIGHT + RIGHT_LEN;

/// The longest packet that an agent writes.
pub const MAX_PACKET: usize = HEAD + crate::MAX_BODY;

/// Bytes of a descriptor count and one port descriptor, with which the body of a message with one right begins.
const ONE_DESCRIPTOR: usize = 4 + 12;
/// Bytes of the item, and its right, that follow such a body.
const ONE_ITEM: usize = 16 + RIGHT_LEN;

/// Writes the head of a message whose body of `len` bytes stands behind the first [`HEAD`] bytes of `packet`: how many bytes the
/// packet has.
///
/// With `reply`, the message has a send right to a port of the agent's as its reply right, under that number of the agent's own;
/// the packet is to be sent with the sending end as its one descriptor.
///
/// `None` if the body is not in the buffer, or no multiple of 4 bytes.
pub fn message(packet: &mut [u8], id: i32, len: usize, reply: Option<u64>) -> Option<usize> {
    let end = HEAD.checked_add(len)?;
    packet.get(..end)?;
    if !len.is_multiple_of(4) {
        return None;
    }
    packet.get_mut(..HEAD)?.fill(0);
    let payload = u32::try_from(end.checked_sub(PREFIX)?).ok()?;
    put_u32s(packet, 0, &[MAGIC])?;
    put(packet, KIND, &[MESSAGE])?;
    put_u32s(packet, LENGTH, &[payload, u32::from(reply.is_some())])?;
    put(packet, ID, &id.to_ne_bytes())?;
    put_u32s(packet, BODY, &[u32::try_from(len).ok()?])?;
    if let Some(number) = reply {
        put(packet, REPLY_DISPOSITION, &[PORT_SEND])?;
        let [low, high] = [number as u32, (number >> 32) as u32];
        // The port's number, its link's, no link by which it came here, its first link's.
        let right = [RIGHT_SEND, 0, low, high, low, high, 0, 0, low, high];
        put_u32s(packet, RIGHT, &right)?;
    }
    Some(end)
}

/// A message that came over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// Its id.
    pub id: i32,
    /// What stands behind the Mach header and, if there is a right, behind its descriptor.
    pub body: &'a [u8],
    /// Whether it carries one send right, whose sending end is the packet's one descriptor.
    pub right: bool,
}

/// Reads a packet. `None` for whatever is no message, or none of those that an agent is sent.
#[must_use]
pub fn open(packet: &[u8]) -> Option<Received<'_>> {
    let word = |at| u32_at(packet, at);
    let payload = packet.len().checked_sub(PREFIX)?;
    let kind = [MESSAGE, 0, 0, 0];
    let sound = word(0)? == MAGIC
        && word(KIND)? == u32::from_ne_bytes(kind)
        && word(LENGTH)? as usize == payload
        // No reply right.
        && word(RIGHT)? == 0
        && *packet.get(REPLY_DISPOSITION)? == 0;
    let rights = word(ITEMS)?;
    if !sound || word(DESCRIPTORS)? != rights {
        return None;
    }
    let id = word(ID)?.cast_signed();
    let (body, items) = packet.get(HEAD..)?.split_at_checked(word(BODY)? as usize)?;
    let flags = *packet.get(FLAGS)?;
    match rights {
        0 if flags == 0 && items.is_empty() => Some(Received {
            id,
            body,
            right: false,
        }),
        1 if flags == COMPLEX && carries_send(items) => Some(Received {
            id,
            body: body.get(ONE_DESCRIPTOR..)?,
            right: true,
        }),
        _ => None,
    }
}

/// Whether an item and its right are those of one send right.
fn carries_send(items: &[u8]) -> bool {
    let [kind, disposition] = [items.first(), items.get(1)];
    items.len() == ONE_ITEM
        && kind == Some(&0)
        && disposition == Some(&PORT_SEND)
        && u32_at(items, ONE_ITEM - RIGHT_LEN) == Some(RIGHT_SEND)
}

// What a packet's payload may have, less what stands before the body.
const _: () = assert!(crate::MAX_BODY + HEAD - PREFIX <= 32 * 1024);
const _: () = assert!(crate::MAX_BODY + HEADER <= 32 * 1024);
