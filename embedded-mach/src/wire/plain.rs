//! Messages that carry nothing but bytes, written and read without a tree.

use std::os::fd::BorrowedFd;

use zerocopy::{FromBytes, IntoBytes};

use super::layout::Header;
use super::parcel::INLINE;
use super::records::{MAGIC, MESSAGE, MessageRecord, Prefix, RIGHT_NULL, RightRecord, words};
use super::spare;
use crate::sys::packet::{self, Arrival};
use crate::sys::{clock, packet::Credentials};

/// What stands before the bytes of such a message.
const HEAD: usize = size_of::<Prefix>() + size_of::<MessageRecord>() + size_of::<RightRecord>();

/// Sends a message without a reply right, without blocking: how many bytes the packet had, or `None` if it was not sent.
pub(crate) fn send(to: BorrowedFd<'_>, header: &Header, body: &[u8]) -> Option<usize> {
    let length = HEAD - size_of::<Prefix>() + body.len();
    if length > INLINE {
        return None;
    }
    let prefix = Prefix {
        magic: MAGIC,
        kind: MESSAGE,
        flags: 0,
        reserved: 0,
        length: length as u32,
        descriptors: 0,
    };
    let record = MessageRecord {
        id: header.id,
        flags: 0,
        reply_disposition: 0,
        reserved: 0,
        body: body.len() as u32,
        items: 0,
        voucher: header.voucher,
        sent: words(clock::now_stamp()),
    };
    let reply = RightRecord {
        kind: RIGHT_NULL,
        flags: 0,
        values: [[0; 2]; 4],
    };
    let mut head = [0; HEAD];
    let parts = [prefix.as_bytes(), record.as_bytes(), reply.as_bytes()];
    let mut at = 0;
    for part in parts {
        head[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    packet::send(to, [&head, body], &[]).ok()?;
    Some(HEAD + body.len())
}

/// A message that carries nothing but bytes, as it arrived.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) id: i32,
    pub(crate) voucher: u32,
    pub(crate) body: Vec<u8>,
    pub(crate) credentials: Credentials,
    pub(crate) stamp: u64,
}

/// Reads what arrived, if it is such a message, sound and with at most `most` bytes. Whatever else it is, `None`.
pub(crate) fn open(buffer: &[u8], arrival: &Arrival, most: usize) -> Option<Plain> {
    let credentials = arrival.credentials?;
    if arrival.bytes_lost || arrival.descriptors_lost || !arrival.descriptors.is_empty() {
        return None;
    }
    let bytes = buffer.get(..arrival.len)?;
    let (prefix, payload) = Prefix::read_from_prefix(bytes).ok()?;
    let (record, rest) = MessageRecord::read_from_prefix(payload).ok()?;
    let (reply, body) = RightRecord::read_from_prefix(rest).ok()?;
    let plain = prefix.magic == MAGIC
        && prefix.kind == MESSAGE
        && prefix.flags == 0
        && prefix.descriptors == 0
        && prefix.length as usize == payload.len()
        && record.flags == 0
        && record.reply_disposition == 0
        && record.items == 0
        && record.body as usize == body.len()
        && body.len().is_multiple_of(4)
        && body.len() <= most
        && reply.kind == RIGHT_NULL;
    plain.then(|| Plain {
        id: record.id,
        voucher: record.voucher,
        body: spare::copy(body),
        credentials,
        stamp: arrival.stamp,
    })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::socket::link_pair;
    use crate::wire::decode::decode;
    use crate::wire::parcel;
    use crate::wire::tree::{self, Packet};

    fn arrive(from: BorrowedFd<'_>) -> (Vec<u8>, Arrival) {
        let mut buffer = vec![0; parcel::PACKET];
        let arrival = packet::receive(from, &mut buffer).unwrap();
        (buffer, arrival)
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
        send(sending.as_fd(), &header(), &[1, 2, 3, 4]).unwrap();
        let (buffer, arrival) = arrive(receiving.as_fd());
        let plain = open(&buffer, &arrival, 4).unwrap();
        assert_eq!((plain.id, plain.voucher), (77, 5));
        assert_eq!(plain.body, [1, 2, 3, 4]);
        assert!(open(&buffer, &arrival, 3).is_none());
        let payload = parcel::open(&buffer, arrival).unwrap();
        let packet = decode(payload.kind, &payload.bytes, payload.descriptors).unwrap();
        parcel::send(sending.as_fd(), &packet).unwrap();
        let (again, arrival) = arrive(receiving.as_fd());
        assert_eq!(again, buffer);
        assert!(open(&again, &arrival, 4).is_some());
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
            body: Vec::new(),
            items: Vec::new(),
        };
        parcel::send(sending.as_fd(), &Packet::Message(carrier)).unwrap();
        let (buffer, arrival) = arrive(receiving.as_fd());
        assert!(open(&buffer, &arrival, 64).is_none());
        send(sending.as_fd(), &header(), &[0; 8]).unwrap();
        let (buffer, mut arrival) = arrive(receiving.as_fd());
        arrival.len -= 4;
        assert!(open(&buffer, &arrival, 64).is_none());
        assert!(send(sending.as_fd(), &header(), &vec![0; INLINE]).is_none());
    }
}
