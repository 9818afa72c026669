//! Messages that carry nothing but bytes, written and read without a tree.

use std::os::fd::BorrowedFd;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::layout::Header;
use super::parcel::{self, INLINE_IF_DEEP};
use super::records::{
    MAGIC, MESSAGE, MessageRecord, Prefix, REPLY, RIGHT_NULL, RIGHT_SLOT, RightRecord, value, words,
};
use super::spare;
use super::tree::Slot;
use crate::headers::message::MACH_MSG_TYPE_PORT_SEND_ONCE;
use crate::sys::packet::{self, Arrival, Credentials};
use crate::sys::{clock, place::Place};

/// What stands before the bytes of such a message.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct Head {
    prefix: Prefix,
    record: MessageRecord,
    reply: RightRecord,
}

pub(crate) const HEAD: usize = size_of::<Head>();
/// Of that what belongs to the payload.
const RECORDS: usize = HEAD - size_of::<Prefix>();

/// Up to how many bytes are copied behind that.
const SHORT: usize = 256;

/// As [`send_within`], on the way to a usual queue.
#[cfg(test)]
pub(crate) fn send(
    to: BorrowedFd<'_>,
    header: &Header,
    body: &[u8],
    slot: Option<Slot>,
) -> Option<usize> {
    send_within(to, header, body, slot, parcel::INLINE)
}

/// Sends a message, whose reply right is a slot or none, without blocking: how many bytes the packet had, or `None` if it
/// was not sent. `most`: how many it may have behind the prefix.
pub(crate) fn send_within(
    to: BorrowedFd<'_>,
    header: &Header,
    body: &[u8],
    slot: Option<Slot>,
    most: usize,
) -> Option<usize> {
    if RECORDS.saturating_add(body.len()) > most {
        return None;
    }
    let (reply, disposition) = match slot {
        Some(_) => (RIGHT_SLOT, MACH_MSG_TYPE_PORT_SEND_ONCE as u8),
        None => (RIGHT_NULL, 0),
    };
    send_packet(to, MESSAGE, slot, (reply, disposition), header, body)
}

/// Sends a message without a reply right back by which its slot is answered, as [`send_within`] does.
pub(crate) fn send_back(
    to: BorrowedFd<'_>,
    slot: Slot,
    header: &Header,
    body: &[u8],
) -> Option<usize> {
    send_packet(to, REPLY, Some(slot), (RIGHT_NULL, 0), header, body)
}

fn send_packet(
    to: BorrowedFd<'_>,
    kind: u8,
    slot: Option<Slot>,
    (reply, reply_disposition): (u32, u8),
    header: &Header,
    body: &[u8],
) -> Option<usize> {
    let length = RECORDS.saturating_add(body.len());
    if length > INLINE_IF_DEEP {
        return None;
    }
    let prefix = Prefix {
        magic: MAGIC,
        kind,
        flags: 0,
        slot: slot.map_or(0, Slot::counted),
        length: length as u32,
        descriptors: 0,
        generation: slot.map_or(0, |slot| slot.generation),
    };
    let record = MessageRecord {
        id: header.id,
        flags: 0,
        reply_disposition,
        reserved: 0,
        body: body.len() as u32,
        items: 0,
        voucher: header.voucher,
        sent: words(clock::now_stamp()),
    };
    let reply = RightRecord {
        kind: reply,
        flags: 0,
        values: [[0; 2]; 4],
    };
    let head = Head {
        prefix,
        record,
        reply,
    };
    let head = head.as_bytes();
    let len = HEAD.saturating_add(body.len());
    if body.len() > SHORT {
        packet::send(to, [head, body], &[]).ok()?;
        return Some(len);
    }
    // In one piece, which the kernel takes in faster than two.
    let mut whole = [0; HEAD + SHORT];
    let (start, rest) = whole.split_at_mut(HEAD);
    start.copy_from_slice(head);
    rest.get_mut(..body.len())?.copy_from_slice(body);
    packet::send_bytes(to, whole.get(..len)?).ok()?;
    Some(len)
}

/// The bytes of a message behind its header.
#[derive(Debug)]
pub(crate) enum Body {
    Here(Vec<u8>),
    /// So many, which are in its receiver's buffer already.
    There(usize),
}

impl Body {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.len(),
            Self::There(len) => *len,
        }
    }
}

/// A message that carries nothing but bytes, as it arrived.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) id: i32,
    pub(crate) voucher: u32,
    /// The slot that is its reply right, or that it came back for.
    pub(crate) slot: Option<Slot>,
    /// When it was sent, as its sender says.
    pub(crate) sent: u64,
    pub(crate) body: Body,
    pub(crate) credentials: Credentials,
    pub(crate) stamp: u64,
}

/// Reads what arrived, if it is such a message, sound and with at most `most` bytes. Whatever else it is, `None`.
pub(crate) fn open(place: &Place, arrival: &Arrival, most: usize) -> Option<Plain> {
    open_kind(MESSAGE, place, arrival, most)
}

/// As [`open`], of what came back over a link.
pub(crate) fn open_back(place: &Place, arrival: &Arrival, most: usize) -> Option<Plain> {
    open_kind(REPLY, place, arrival, most).filter(|plain| plain.slot.is_some())
}

#[inline]
fn open_kind(kind: u8, place: &Place, arrival: &Arrival, most: usize) -> Option<Plain> {
    let credentials = arrival.credentials?;
    if arrival.bytes_lost
        || arrival.strange
        || arrival.descriptors_lost
        || !arrival.descriptors.is_empty()
    {
        return None;
    }
    let (bytes, there) = match place.whole(arrival.len) {
        Some(bytes) => (bytes, None),
        None => place
            .apart(arrival.len)
            .map(|(head, body)| (head, Some(body)))?,
    };
    let (prefix, rest) = Prefix::read_from_prefix(bytes).ok()?;
    let (record, rest) = MessageRecord::read_from_prefix(rest).ok()?;
    let (reply, body) = RightRecord::read_from_prefix(rest).ok()?;
    let len = there.unwrap_or(body.len());
    let slot = parcel::slot_of(&prefix).ok()?;
    let (right, disposition) = match slot {
        Some(_) if kind == MESSAGE => (RIGHT_SLOT, MACH_MSG_TYPE_PORT_SEND_ONCE as u8),
        _ => (RIGHT_NULL, 0),
    };
    let plain = prefix.magic == MAGIC
        && prefix.kind == kind
        && prefix.flags == 0
        && prefix.descriptors == 0
        && prefix.length as usize == RECORDS.saturating_add(len)
        && record.flags == 0
        && record.reply_disposition == disposition
        && record.items == 0
        && record.body as usize == len
        && len.is_multiple_of(4)
        && len <= most
        && reply.kind == right;
    plain.then(|| Plain {
        id: record.id,
        voucher: record.voucher,
        slot,
        sent: value(record.sent),
        body: match there {
            Some(len) => Body::There(len),
            None => Body::Here(spare::copy(body)),
        },
        credentials,
        stamp: arrival.stamp,
    })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::socket::link_pair;
    use crate::wire::tree::{self, Packet};

    fn arrive(from: BorrowedFd<'_>) -> (Place, Arrival) {
        let mut place = Place::new(vec![0; parcel::PACKET]);
        let arrival = packet::receive_to(from, &mut place).unwrap();
        (place, arrival)
    }

    fn bytes(mut place: Place) -> Vec<u8> {
        place.gather(0);
        place.into_own()
    }

    fn header() -> Header {
        Header {
            bits: 0,
            size: 0,
            remote: 1,
            local: 0,
            voucher: 5,
            id: 77,
        }
    }

    #[test]
    fn both_ways_write_and_read_the_same() {
        let (receiving, sending) = link_pair().unwrap();
        send(sending.as_fd(), &header(), &[1, 2, 3, 4], None).unwrap();
        let (buffer, arrival) = arrive(receiving.as_fd());
        let plain = open(&buffer, &arrival, 4).unwrap();
        assert_eq!((plain.id, plain.voucher), (77, 5));
        assert!(matches!(plain.body, Body::Here(body) if body == [1, 2, 3, 4]));
        assert!(open(&buffer, &arrival, 3).is_none());
        let buffer = bytes(buffer);
        let packet = parcel::open(&buffer, arrival).unwrap().packet().unwrap();
        parcel::send(sending.as_fd(), &packet).unwrap();
        let (again, arrival) = arrive(receiving.as_fd());
        assert!(open(&again, &arrival, 4).is_some());
        assert_eq!(bytes(again), buffer);
    }

    #[test]
    fn both_ways_write_and_read_slots_the_same() {
        let slot = Slot {
            index: 31,
            generation: 9,
        };
        for back in [false, true] {
            let (receiving, sending) = link_pair().unwrap();
            if back {
                send_back(sending.as_fd(), slot, &header(), &[7; 8]).unwrap();
            } else {
                send(sending.as_fd(), &header(), &[7; 8], Some(slot)).unwrap();
            }
            let (buffer, arrival) = arrive(receiving.as_fd());
            let (forward, backward) = (open(&buffer, &arrival, 8), open_back(&buffer, &arrival, 8));
            assert_eq!((forward.is_some(), backward.is_some()), (!back, back));
            let plain = forward.or(backward).unwrap();
            assert_eq!((plain.slot, plain.body.len()), (Some(slot), 8));
            let buffer = bytes(buffer);
            let packet = parcel::open(&buffer, arrival).unwrap().packet().unwrap();
            parcel::send(sending.as_fd(), &packet).unwrap();
            assert_eq!(bytes(arrive(receiving.as_fd()).0), buffer);
        }
    }

    #[test]
    fn a_body_that_was_read_to_where_it_goes_is_left_there() {
        for (room, is_there) in [(8, true), (12, true), (4, false)] {
            let (receiving, sending) = link_pair().unwrap();
            send(sending.as_fd(), &header(), &[1, 2, 3, 4, 5, 6, 7, 8], None).unwrap();
            let mut memory = vec![0u8; room];
            let address = memory.as_mut_ptr().expose_provenance();
            let own = vec![0; parcel::PACKET];
            // SAFETY: nobody uses it until the packet has been looked at.
            let mut place = unsafe { Place::with_body(own, HEAD, address, room) };
            let arrival = packet::receive_to(receiving.as_fd(), &mut place).unwrap();
            let plain = open(&place, &arrival, room);
            assert_eq!(plain.is_some(), is_there);
            if let Some(plain) = plain {
                assert!(matches!(plain.body, Body::There(8)));
                assert_eq!(memory[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
            }
        }
    }

    #[test]
    fn what_carries_a_right_or_is_cut_short_is_not_plain() {
        let (receiving, sending) = link_pair().unwrap();
        let carrier = tree::Message {
            id: 1,
            complex: false,
            through_once: false,
            reply: tree::Right::Object(tree::Object::Host),
            reply_disposition: 17,
            sent: 0,
            voucher: 0,
            body: Vec::new().into(),
            items: Vec::new(),
        };
        parcel::send(sending.as_fd(), &Packet::Message(carrier)).unwrap();
        let (buffer, arrival) = arrive(receiving.as_fd());
        assert!(open(&buffer, &arrival, 64).is_none());
        send(sending.as_fd(), &header(), &[0; 8], None).unwrap();
        let (buffer, mut arrival) = arrive(receiving.as_fd());
        arrival.len -= 4;
        assert!(open(&buffer, &arrival, 64).is_none());
        assert!(send(sending.as_fd(), &header(), &vec![0; parcel::INLINE], None).is_none());
    }
}
