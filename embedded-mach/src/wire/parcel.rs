//! Bytes and descriptors in packets, whatever their number.
//!
//! What is too long for a packet goes into a sealed memfd; more descriptors than a packet takes go, by packets, into
//! the queue of a socket that is passed instead of them.

use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use zerocopy::{FromBytes, IntoBytes};

use super::decode::{MAX_ITEMS, Malformed, decode};
use super::encode;
use super::records::{BULK, CARRIER, MAGIC, MESSAGE, Prefix, REPLY};
use super::source::Source;
use super::spare;
use super::tree::{Packet, SLOTS, Slot};
use crate::sys::foreign::Foreign;
use crate::sys::memory;
use crate::sys::packet::{self, Arrival, MAX_DESCRIPTORS};
use crate::sys::socket;
use crate::wire::layout::MAX_RIGHTS;

/// The longest payload that travels in the packet itself, for as many of those have room in a link as in a usual queue.
pub(crate) const INLINE: usize = 32 << 10;
/// The same on the way to a queue that is a deep one, whose sender waits until there is room: a body of 64 KiB, with what
/// stands before it.
pub(crate) const INLINE_IF_DEEP: usize = 68 << 10;
/// What a packet buffer must hold.
pub(crate) const PACKET: usize = INLINE_IF_DEEP + size_of::<Prefix>();
/// The longest payload.
const MAX_PAYLOAD: usize = 256 << 20;
/// Descriptors of one packet, less those that carry others.
const BATCH: usize = MAX_DESCRIPTORS - 2;

/// Sends a packet without blocking, and says how many bytes it had. Nothing was sent unless it succeeds.
pub(crate) fn send(to: BorrowedFd<'_>, packet: &Packet) -> Result<usize, Errno> {
    send_within(to, packet, INLINE)
}

/// As [`send`], where at most `inline` bytes travel in the packet itself.
pub(crate) fn send_within(
    to: BorrowedFd<'_>,
    packet: &Packet,
    inline: usize,
) -> Result<usize, Errno> {
    let mut bytes = spare::empty();
    let mut sent = send_from(&mut bytes, to, packet, inline);
    if sent == Err(Errno::EMSGSIZE) && inline > INLINE {
        // The end has a smaller buffer than is usual.
        bytes.clear();
        sent = send_from(&mut bytes, to, packet, INLINE);
    }
    spare::give_back(bytes);
    sent
}

/// As [`send`], with room for the bytes.
fn send_from(
    bytes: &mut Vec<u8>,
    to: BorrowedFd<'_>,
    packet: &Packet,
    inline: usize,
) -> Result<usize, Errno> {
    bytes.resize(size_of::<Prefix>(), 0);
    let kind = encode::encode(packet, bytes)?;
    let length = bytes.len().saturating_sub(size_of::<Prefix>());
    let fds = encode::descriptors(packet);
    if length > MAX_PAYLOAD || items_of(packet) > MAX_ITEMS || fds.len() > 4 * MAX_RIGHTS {
        return Err(Errno::EMSGSIZE);
    }
    let slot = encode::slot(packet);
    let mut prefix = Prefix {
        magic: MAGIC,
        kind,
        flags: 0,
        slot: slot.map_or(0, Slot::counted),
        length: length as u32,
        descriptors: fds.len() as u32,
        generation: slot.map_or(0, |slot| slot.generation),
    };
    let bulk;
    let carrier;
    let mut attached: Vec<BorrowedFd<'_>> = Vec::new();
    if length > inline {
        prefix.flags |= BULK;
        bulk = memory::sealed(bytes.get(size_of::<Prefix>()..).unwrap_or_default())?;
        attached.push(bulk.as_fd());
        bytes.truncate(size_of::<Prefix>());
    }
    if fds.len() > BATCH {
        prefix.flags |= CARRIER;
        carrier = load_carrier(&fds)?;
        attached.push(carrier.as_fd());
    } else {
        attached.extend(fds.iter().map(|fd| fd.as_fd()));
    }
    // There is room for it at the beginning.
    let _ = prefix.write_to_prefix(bytes);
    packet::send(to, [bytes, &[]], &attached)?;
    for fd in fds {
        fd.give_away();
    }
    Ok(bytes.len())
}

fn items_of(packet: &Packet) -> usize {
    match packet {
        Packet::Message(message) | Packet::Reply(_, message) => message.all_items(),
        _ => 0,
    }
}

fn load_carrier(fds: &[&super::tree::Fd]) -> Result<Foreign, Errno> {
    let (receiving, sending) = socket::link_pair().map_err(errno_of)?;
    for batch in fds.chunks(BATCH) {
        let batch: Vec<_> = batch.iter().map(|fd| fd.as_fd()).collect();
        packet::send(sending.as_fd(), [&[0], &[]], &batch)?;
    }
    Ok(receiving)
}

fn errno_of(error: std::io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}

/// A packet's payload, put together again.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    pub(crate) kind: u8,
    pub(crate) slot: Option<Slot>,
    pub(crate) source: Source<'a>,
    pub(crate) descriptors: Vec<Foreign>,
}

impl Payload<'_> {
    /// Takes it apart. Whatever it held is closed if it breaks a rule.
    pub(crate) fn packet(self) -> Result<Packet, Malformed> {
        decode(self.kind, self.slot, self.source, self.descriptors)
    }
}

/// Puts together what arrived: the bytes are those of `buffer` up to the arrival's length.
///
/// # Errors
/// [`Malformed`] for a packet that breaks a rule. Descriptors that the kernel below dropped are not seen here: ask
/// [`Arrival::descriptors_lost`] first.
pub(crate) fn open<'a>(buffer: &'a [u8], arrival: Arrival) -> Result<Payload<'a>, Malformed> {
    if arrival.bytes_lost {
        return Err(Malformed("longer than a packet may be"));
    }
    if arrival.strange {
        return Err(Malformed("ancillary data of a kind that nobody asked for"));
    }
    let bytes = buffer.get(..arrival.len).unwrap_or_default();
    let (prefix, inline) =
        Prefix::read_from_prefix(bytes).map_err(|_| Malformed("shorter than its prefix"))?;
    if prefix.magic != MAGIC {
        return Err(Malformed("magic"));
    }
    let length = prefix.length as usize;
    let mut attached = arrival.descriptors.into_iter();
    let source = if prefix.flags & BULK != 0 {
        let bulk = attached.next().ok_or(Malformed("no bulk descriptor"))?;
        if !inline.is_empty() || length > MAX_PAYLOAD || !memory::is_sealed_memory(&bulk, length) {
            return Err(Malformed("bulk"));
        }
        Source::file(bulk.into_memory().ok_or(Malformed("bulk"))?, length)
    } else if inline.len() == length {
        Source::Packet(inline)
    } else {
        return Err(Malformed("length"));
    };
    let count = prefix.descriptors as usize;
    if prefix.flags & CARRIER != 0 && arrival.unloaded != Some(true) {
        return Err(Malformed("carrier"));
    }
    let descriptors: Vec<_> = attached.collect();
    if descriptors.len() != count {
        return Err(Malformed("descriptor count"));
    }
    Ok(Payload {
        kind: prefix.kind,
        slot: slot_of(&prefix)?,
        source,
        descriptors,
    })
}

/// Whether descriptors of a packet are in the queue of a socket, and have not been read: for [`unload`] to do.
pub(crate) fn has_carrier(buffer: &[u8], arrival: &Arrival) -> bool {
    let bytes = buffer.get(..arrival.len).unwrap_or_default();
    arrival.unloaded.is_none()
        && !arrival.descriptors_lost
        && Prefix::read_from_prefix(bytes)
            .is_ok_and(|(prefix, _)| prefix.magic == MAGIC && prefix.flags & CARRIER != 0)
}

/// Reads a packet's descriptors from where they are. Whoever sent that socket can hold up who reads it.
pub(crate) fn unload(buffer: &[u8], mut arrival: Arrival) -> Arrival {
    let unloaded = Prefix::read_from_prefix(buffer)
        .ok()
        .and_then(|(prefix, _)| {
            let at = usize::from(prefix.flags & BULK != 0);
            let carrier =
                (at < arrival.descriptors.len()).then(|| arrival.descriptors.remove(at))?;
            // Nothing comes after it.
            if !arrival.descriptors.get(at..).unwrap_or_default().is_empty() {
                return None;
            }
            match unload_carrier(&carrier, prefix.descriptors as usize) {
                Ok(all) => Some(all),
                Err(Unloaded::Lost) => {
                    arrival.descriptors_lost = true;
                    None
                }
                Err(Unloaded::Wrong) => None,
            }
        });
    arrival.unloaded = Some(unloaded.is_some());
    let mut unloaded = unloaded.unwrap_or_default();
    if let Some(from) = arrival.credentials {
        packet::sent_by(&mut unloaded, from);
    }
    arrival.descriptors.extend(unloaded);
    arrival
}

/// Why a carrier has not given what it was to have.
enum Unloaded {
    /// This task is short of something.
    Lost,
    /// It has something else.
    Wrong,
}

fn unload_carrier(carrier: &Foreign, count: usize) -> Result<Vec<Foreign>, Unloaded> {
    if !socket::is_link_end(carrier) || count > 4 * MAX_RIGHTS {
        return Err(Unloaded::Wrong);
    }
    let mut all = Vec::new();
    let mut byte = [0; 1];
    while all.len() < count {
        let got = carrier.make_call("recvmsg", |carrier| packet::receive(carrier, &mut byte));
        let arrival = got.map_err(|errno| match packet::is_want(errno) {
            true => Unloaded::Lost,
            false => Unloaded::Wrong,
        })?;
        if arrival.descriptors_lost {
            return Err(Unloaded::Lost);
        }
        if arrival.descriptors.is_empty() {
            return Err(Unloaded::Wrong);
        }
        all.extend(arrival.descriptors);
    }
    Ok(all)
}

/// The slot that a prefix names.
pub(crate) fn slot_of(prefix: &Prefix) -> Result<Option<Slot>, Malformed> {
    let Some(index) = prefix.slot.checked_sub(1) else {
        return Ok(None);
    };
    if usize::from(index) >= SLOTS {
        return Err(Malformed("slot"));
    }
    Ok(Some(Slot {
        index,
        generation: prefix.generation,
    }))
}

/// The kind of a packet, and the slot it is about, of which more cannot be had.
pub(crate) fn peek(buffer: &[u8]) -> Option<(u8, Option<Slot>)> {
    let (prefix, _) = Prefix::read_from_prefix(buffer).ok()?;
    (prefix.magic == MAGIC).then_some(())?;
    Some((prefix.kind, slot_of(&prefix).ok()?))
}

/// How long the packet is at the least that says a limit.
pub(crate) fn len_of_limit() -> usize {
    const { size_of::<Prefix>() + size_of::<u32>() }
}

/// What a packet says of what is not in itself: how many descriptors are in the queue of its first, and how many bytes in a
/// file.
pub(crate) fn claims(buffer: &[u8]) -> (usize, u64) {
    let prefix = Prefix::read_from_prefix(buffer);
    let Some((prefix, _)) = prefix.ok().filter(|(prefix, _)| prefix.magic == MAGIC) else {
        return (0, 0);
    };
    let carried = prefix.flags & CARRIER != 0;
    let filed = prefix.flags & BULK != 0;
    (
        if carried {
            prefix.descriptors as usize
        } else {
            0
        },
        if filed { u64::from(prefix.length) } else { 0 },
    )
}

/// The id of a message whose descriptors are lost.
pub(crate) fn peek_id(buffer: &[u8]) -> Option<i32> {
    let (prefix, rest) = Prefix::read_from_prefix(buffer).ok()?;
    if prefix.magic != MAGIC || ![MESSAGE, REPLY].contains(&prefix.kind) || prefix.flags & BULK != 0
    {
        return None;
    }
    let (record, _) = super::records::MessageRecord::read_from_prefix(rest).ok()?;
    Some(record.id)
}
