//! From a tree to bytes and descriptors.

use nix::errno::Errno;
use zerocopy::{Immutable, IntoBytes};

use super::records::{
    self, COMPLEX, ITEM_GUARDED, ITEM_MEMORY, ITEM_PORT, ITEM_PORTS, ItemRecord, LinkRecord,
    MessageRecord, PortRecord, RightRecord, SEALED, SlotRecord, THROUGH_ONCE, VIRTUAL_COPY,
    VOLATILE, WRITABLE, words,
};
use super::tree::{Fd, Item, LinkEnd, Memory, Message, Object, Packet, Port, Right, Slot};
use crate::headers::port::MACH_PORT_QLIMIT_DEFAULT;

/// Adds a packet's payload to `bytes`, and says of what kind it is; the descriptors are found again by
/// [`descriptors`], in the same order.
///
/// # Errors
/// `ENOMEM` if there is no room for bytes, or for those that are still in a file.
pub(crate) fn encode(packet: &Packet, bytes: &mut Vec<u8>) -> Result<u8, Errno> {
    Ok(match packet {
        Packet::Message(message) => {
            let room = bytes.try_reserve(message.body.len().saturating_add(64));
            room.map_err(|_| Errno::ENOMEM)?;
            write_message(bytes, message)?;
            records::MESSAGE
        }
        Packet::AddLink(end) => {
            put(bytes, &link_record(end));
            records::ADD_LINK
        }
        Packet::Probe(nonce) => {
            put(bytes, &words(*nonce));
            records::PROBE
        }
        Packet::Hello(link) => {
            put(bytes, &words(*link));
            records::HELLO
        }
        Packet::Reply(_, message) => {
            write_message(bytes, message)?;
            records::REPLY
        }
        Packet::Unused(_) => records::UNUSED,
        Packet::Convert(..) => records::CONVERT,
        Packet::Gone(slots) => {
            for slot in slots {
                put(bytes, &slot_record(*slot));
            }
            records::GONE
        }
        Packet::Replace(replaced) => {
            for (slot, _) in replaced {
                put(bytes, &slot_record(*slot));
            }
            records::REPLACE
        }
        Packet::Leave => records::LEAVE,
        Packet::Back(_) => records::BACK,
        Packet::Limit(limit, more) => {
            put(bytes, limit);
            bytes.resize(bytes.len().saturating_add(*more), 0);
            records::LIMIT
        }
    })
}

/// The slot that a packet's prefix names.
pub(crate) fn slot(packet: &Packet) -> Option<Slot> {
    match packet {
        Packet::Message(Message {
            reply: Right::Slot(slot),
            ..
        })
        | Packet::Reply(slot, _)
        | Packet::Unused(slot)
        | Packet::Convert(slot, _) => Some(*slot),
        _ => None,
    }
}

/// Every descriptor of a packet, in the order in which the bytes speak of them.
pub(crate) fn descriptors(packet: &Packet) -> Vec<&Fd> {
    let mut fds = Vec::new();
    match packet {
        Packet::Message(message) | Packet::Reply(_, message) => of_message(message, &mut fds),
        Packet::AddLink(end) => of_link(end, &mut fds),
        Packet::Convert(_, fd) | Packet::Back(fd) => fds.push(fd),
        Packet::Replace(replaced) => fds.extend(replaced.iter().map(|(_, fd)| fd)),
        Packet::Probe(_)
        | Packet::Hello(_)
        | Packet::Unused(_)
        | Packet::Gone(_)
        | Packet::Limit(..)
        | Packet::Leave => {}
    }
    fds
}

fn of_message<'a>(message: &'a Message, fds: &mut Vec<&'a Fd>) {
    of_right(&message.reply, fds);
    for item in &message.items {
        match item {
            Item::Port { right, .. } => of_right(right, fds),
            Item::Memory {
                memory: Memory::Sealed(fd, _),
                ..
            } => fds.push(fd),
            Item::Memory { .. } => {}
            Item::Ports { rights, .. } => {
                for right in rights {
                    of_right(right, fds);
                }
            }
        }
    }
}

fn of_link<'a>(end: &'a LinkEnd, fds: &mut Vec<&'a Fd>) {
    fds.push(&end.fd);
    fds.extend(end.back.as_ref());
}

fn of_right<'a>(right: &'a Right, fds: &mut Vec<&'a Fd>) {
    match right {
        Right::Null
        | Right::Dead
        | Right::Slot(_)
        | Right::Object(Object::Host | Object::Bootstrap) => {}
        Right::Send(send) => fds.push(&send.fd),
        Right::Once(fd) => fds.push(fd),
        Right::Object(Object::Semaphore(fd) | Object::File(fd) | Object::Memory { fd, .. }) => {
            fds.push(fd);
        }
        Right::Receive(port) => {
            for end in &port.links {
                of_link(end, fds);
            }
            of_right(&port.no_senders, fds);
            of_right(&port.port_destroyed, fds);
            fds.extend(port.services.iter().map(|(listener, _)| listener));
            for message in &port.messages {
                of_message(message, fds);
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, record: &(impl IntoBytes + Immutable)) {
    bytes.extend_from_slice(record.as_bytes());
}

fn write_message(bytes: &mut Vec<u8>, message: &Message) -> Result<(), Errno> {
    let mut flags = 0;
    if message.complex {
        flags |= COMPLEX;
    }
    if message.through_once {
        flags |= THROUGH_ONCE;
    }
    put(
        bytes,
        &MessageRecord {
            id: message.id,
            flags,
            reply_disposition: message.reply_disposition,
            reserved: 0,
            body: message.body.len() as u32,
            items: message.items.len() as u32,
            voucher: message.voucher,
            sent: words(message.sent),
        },
    );
    write_right(bytes, &message.reply)?;
    message.body.append_to(bytes)?;
    for item in &message.items {
        write_item(bytes, item)?;
    }
    Ok(())
}

fn write_item(bytes: &mut Vec<u8>, item: &Item) -> Result<(), Errno> {
    let record = |kind, disposition, flags, count, context| ItemRecord {
        kind,
        disposition,
        flags,
        count,
        context: words(context),
    };
    match item {
        Item::Port {
            right,
            disposition,
            guard,
        } => {
            let head = match guard {
                None => record(ITEM_PORT, *disposition, 0, 0, 0),
                Some((context, flags)) => record(ITEM_GUARDED, *disposition, *flags, 0, *context),
            };
            put(bytes, &head);
            write_right(bytes, right)?;
        }
        Item::Memory {
            memory,
            virtual_copy,
            volatile,
        } => {
            let mut flags = 0;
            if *virtual_copy {
                flags |= VIRTUAL_COPY;
            }
            if *volatile {
                flags |= VOLATILE;
            }
            match memory {
                Memory::Bytes(content) => {
                    put(
                        bytes,
                        &record(ITEM_MEMORY, 0, flags, content.len() as u32, 0),
                    );
                    content.append_to(bytes)?;
                }
                Memory::Sealed(_, len) => {
                    put(
                        bytes,
                        &record(ITEM_MEMORY, 0, flags | SEALED, *len as u32, 0),
                    );
                }
            }
        }
        Item::Ports {
            rights,
            disposition,
        } => {
            put(
                bytes,
                &record(ITEM_PORTS, *disposition, 0, rights.len() as u32, 0),
            );
            for right in rights {
                write_right(bytes, right)?;
            }
        }
    }
    Ok(())
}

fn write_right(bytes: &mut Vec<u8>, right: &Right) -> Result<(), Errno> {
    let record = |kind, flags, values: [u64; 4]| RightRecord {
        kind,
        flags,
        values: values.map(words),
    };
    let head = match right {
        Right::Null => record(records::RIGHT_NULL, 0, [0; 4]),
        Right::Dead => record(records::RIGHT_DEAD, 0, [0; 4]),
        Right::Send(send) => record(
            records::RIGHT_SEND,
            send.limit ^ MACH_PORT_QLIMIT_DEFAULT,
            [send.number, send.link, send.via, send.root],
        ),
        Right::Once(_) => record(records::RIGHT_ONCE, 0, [0; 4]),
        Right::Slot(_) => record(records::RIGHT_SLOT, 0, [0; 4]),
        Right::Receive(_) => record(records::RIGHT_RECEIVE, 0, [0; 4]),
        Right::Object(Object::Host) => record(records::RIGHT_HOST, 0, [0; 4]),
        Right::Object(Object::Bootstrap) => record(records::RIGHT_BOOTSTRAP, 0, [0; 4]),
        Right::Object(Object::Semaphore(_)) => record(records::RIGHT_SEMAPHORE, 0, [0; 4]),
        Right::Object(Object::File(_)) => record(records::RIGHT_FILE, 0, [0; 4]),
        Right::Object(Object::Memory {
            offset,
            size,
            writable,
            ..
        }) => record(
            records::RIGHT_MEMORY,
            if *writable { WRITABLE } else { 0 },
            [*offset, *size, 0, 0],
        ),
    };
    put(bytes, &head);
    if let Right::Receive(port) = right {
        write_port(bytes, port)?;
    }
    Ok(())
}

fn write_port(bytes: &mut Vec<u8>, port: &Port) -> Result<(), Errno> {
    put(
        bytes,
        &PortRecord {
            qlimit: port.qlimit,
            links: port.links.len() as u32,
            messages: port.messages.len() as u32,
            services: port.services.len() as u32,
        },
    );
    for end in &port.links {
        put(bytes, &link_record(end));
    }
    write_right(bytes, &port.no_senders)?;
    write_right(bytes, &port.port_destroyed)?;
    for (_, name) in &port.services {
        put(bytes, &(name.len() as u32));
        bytes.extend_from_slice(name.as_bytes());
    }
    for message in &port.messages {
        write_message(bytes, message)?;
    }
    Ok(())
}

fn slot_record(slot: Slot) -> SlotRecord {
    SlotRecord {
        index: u32::from(slot.index),
        generation: slot.generation,
    }
}

fn link_record(end: &LinkEnd) -> LinkRecord {
    LinkRecord {
        link: words(end.link),
        once: u32::from(end.once) | u32::from(end.said) << 1 | u32::from(end.back.is_some()) << 31,
    }
}
