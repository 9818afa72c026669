//! Round trips, and what strangers send.

use proptest::prelude::*;

use super::decode::{MAX_DEPTH, decode};
use super::encode::{descriptors, encode, slot};
use super::tree::{
    Fd, Item, LinkEnd, Memory, Message, Object, Packet, Port, Right, SLOTS, SendRight, Slot,
};
use crate::sys::foreign::Foreign;
use crate::sys::socket::link_pair;

fn end() -> Fd {
    Fd::Owned(link_pair().unwrap().0)
}

/// A right of a kind, and what is drawn for it.
fn right(kind: u8, numbers: [u64; 4], depth: usize) -> Right {
    match kind % 8 {
        0 => Right::Null,
        1 => Right::Dead,
        2 => Right::Once(end()),
        3 if depth < MAX_DEPTH - 1 => Right::Receive(Box::new(port(numbers, depth + 1))),
        4 => Right::Object(Object::File(end())),
        5 => Right::Object(Object::Host),
        6 => Right::Object(Object::Bootstrap),
        _ => Right::Send(SendRight {
            fd: end(),
            number: numbers[0],
            link: numbers[1],
            via: numbers[2],
            root: numbers[3],
            limit: (numbers[0] % 1025) as u32,
        }),
    }
}

fn disposition(right: &Right) -> u8 {
    match right {
        Right::Receive(_) => 16,
        Right::Once(_) => 18,
        _ => 17,
    }
}

/// A port with a queue that holds, a few levels down, ports like it.
fn port(numbers: [u64; 4], depth: usize) -> Port {
    let inner = numbers.map(|number| number.rotate_left(7));
    let messages = (0..numbers[0] % 3).map(|_| message(inner, vec![numbers[1] as u8], depth));
    Port {
        qlimit: (numbers[2] % 1025) as u32,
        links: (0..numbers[3] % 3)
            .map(|link| LinkEnd {
                fd: end(),
                link,
                once: link % 2 == 1,
                said: (link * 700) as u16,
                back: (link == 2).then(end),
            })
            .collect(),
        messages: if depth < 3 {
            messages.collect()
        } else {
            Vec::new()
        },
        no_senders: Right::Null,
        port_destroyed: Right::Once(end()),
        services: Vec::new(),
    }
}

fn message(numbers: [u64; 4], kinds: Vec<u8>, depth: usize) -> Message {
    let mut body = (kinds.len() as u32).to_ne_bytes().to_vec();
    let items: Vec<Item> = kinds
        .iter()
        .map(|&kind| item(kind, numbers, depth))
        .collect();
    body.resize(4 + 16 * items.len(), 7);
    Message {
        id: numbers[0] as i32,
        complex: true,
        through_once: numbers[1] % 2 == 1,
        reply: Right::Once(end()),
        reply_disposition: 18,
        voucher: 0,
        sent: numbers[2],
        body: body.into(),
        items,
    }
}

fn item(kind: u8, numbers: [u64; 4], depth: usize) -> Item {
    match kind % 8 {
        0 => Item::Memory {
            memory: Memory::Bytes(numbers[0].to_ne_bytes().to_vec().into()),
            virtual_copy: kind & 8 != 0,
            volatile: kind & 16 != 0,
        },
        1 => Item::Ports {
            rights: (0..kind / 8 % 4)
                .map(|_| right(5, numbers, depth))
                .collect(),
            disposition: 17,
        },
        _ => {
            let right = right(kind / 8, numbers, depth);
            let disposition = disposition(&right);
            Item::Port {
                guard: (kind % 8 == 2 && disposition == 16).then_some((numbers[0], 1)),
                right,
                disposition,
            }
        }
    }
}

struct Encoded {
    kind: u8,
    slot: Option<Slot>,
    bytes: Vec<u8>,
}

fn encoded(packet: &Packet) -> Encoded {
    let mut bytes = Vec::new();
    let kind = encode(packet, &mut bytes).unwrap();
    Encoded {
        kind,
        slot: slot(packet),
        bytes,
    }
}

fn copies(packet: &Packet) -> Vec<Foreign> {
    let copy = |fd: &&Fd| {
        let fd = std::os::fd::AsFd::as_fd(fd);
        Foreign::arrived(fd.try_clone_to_owned().unwrap())
    };
    descriptors(packet).iter().map(copy).collect()
}

fn slot_of(numbers: [u64; 4]) -> Slot {
    Slot {
        index: (numbers[0] % SLOTS as u64) as u16,
        generation: numbers[1] as u32,
    }
}

fn message_packet() -> impl Strategy<Value = Packet> {
    let kinds = proptest::collection::vec(any::<u8>(), 0..5);
    (0..3u8, any::<[u64; 4]>(), kinds).prop_map(|(kind, numbers, kinds)| {
        let mut message = message(numbers, kinds, 0);
        match kind {
            0 => Packet::Reply(slot_of(numbers), message),
            1 => {
                message.reply = Right::Slot(slot_of(numbers));
                Packet::Message(message)
            }
            _ => Packet::Message(message),
        }
    })
}

fn slot_packet() -> impl Strategy<Value = Packet> {
    (0..5u8, any::<[u64; 4]>()).prop_map(|(kind, numbers)| {
        let slot = slot_of(numbers);
        match kind {
            0 => Packet::Unused(slot),
            1 => Packet::Convert(slot, end()),
            2 => Packet::Gone(vec![slot; (numbers[2] % 3) as usize]),
            3 => Packet::Replace((0..numbers[2] % 3).map(|_| (slot, end())).collect()),
            _ => Packet::Leave,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_is_decoded(packet in prop_oneof![message_packet(), slot_packet()]) {
        let encoded = self::encoded(&packet);
        let again = decode(encoded.kind, encoded.slot, &encoded.bytes, copies(&packet));
        let again = self::encoded(&again.map_err(|error| TestCaseError::fail(error.to_string()))?);
        prop_assert_eq!(encoded.kind, again.kind);
        prop_assert_eq!(encoded.bytes, again.bytes);
    }

    #[test]
    fn a_part_of_a_packet_is_none(packet in message_packet(), cut in any::<prop::sample::Index>()) {
        let encoded = self::encoded(&packet);
        let part = &encoded.bytes[..cut.index(encoded.bytes.len())];
        prop_assert!(decode(encoded.kind, encoded.slot, part, copies(&packet)).is_err());
        let mut fewer = copies(&packet);
        if fewer.pop().is_some() {
            prop_assert!(decode(encoded.kind, encoded.slot, &encoded.bytes, fewer).is_err());
        }
    }

    #[test]
    fn a_changed_packet_is_refused_or_as_sound(
        packet in message_packet(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut encoded = self::encoded(&packet);
        for (at, byte) in changes {
            let at = at.index(encoded.bytes.len());
            encoded.bytes[at] = byte;
        }
        if let Ok(changed) = decode(encoded.kind, encoded.slot, &encoded.bytes, copies(&packet)) {
            prop_assert_eq!(self::encoded(&changed).bytes.len(), encoded.bytes.len());
        }
    }

    #[test]
    fn any_bytes_are_survived(
        kind in 0..12u8,
        slot in proptest::option::of((0..40u16, any::<u32>())),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ends in 0..3usize,
    ) {
        let slot = slot.map(|(index, generation)| Slot { index, generation });
        let ends = (0..ends).map(|_| link_pair().unwrap().0).collect();
        let _ = decode(kind, slot, &bytes, ends);
    }
}
