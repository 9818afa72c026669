//! From bytes and descriptors that a stranger sent to a tree, or to nothing.

use zerocopy::FromBytes;

use super::records::{
    self, COMPLEX, ITEM_GUARDED, ITEM_MEMORY, ITEM_PORT, ITEM_PORTS, ItemRecord, LinkRecord,
    MessageRecord, PortRecord, RightRecord, SEALED, SlotRecord, THROUGH_ONCE, VIRTUAL_COPY,
    VOLATILE, WRITABLE, value,
};
use super::source::Source;
use super::tree::{
    Fd, Item, LinkEnd, Memory, Message, Object, Packet, Port, Right, SLOTS, SendRight, Slot,
};
use crate::headers::bootstrap::BOOTSTRAP_MAX_NAME_LEN;
use crate::headers::message::{
    MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE,
};
use crate::headers::port::{MACH_PORT_QLIMIT_DEFAULT, MACH_PORT_QLIMIT_MAX};
use crate::sys::bytes::Bytes;
use crate::sys::foreign::Foreign;
use crate::sys::{memory, socket};
use crate::wire::layout::{COUNT, MAX_MESSAGE, MAX_RIGHTS};

/// How deep receive rights may lie in the queues of receive rights.
pub(crate) const MAX_DEPTH: usize = 16;
/// The most descriptors that the bodies of a packet may have together. Rights are no more either.
pub(crate) const MAX_ITEMS: usize = 4 * MAX_RIGHTS;
/// The most rights of a packet.
const MOST_RIGHTS: usize = 4 * MAX_RIGHTS;
/// How many of whatever is counted room is made for before the first is there.
const AT_FIRST: usize = 64;
/// The most messages that a moved queue may hold: the limit counts no notifications, so it is not the queue limit.
const MAX_QUEUED: usize = 1 << 16;

/// A packet that breaks the rules; which one does not matter to whoever drops it.
#[derive(Debug, thiserror::Error)]
#[error("malformed packet: {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

type Parsed<T> = Result<T, Malformed>;

/// Takes a packet apart. Whatever it held is closed if it breaks a rule.
pub(crate) fn decode<'a>(
    kind: u8,
    slot: Option<Slot>,
    source: impl Into<Source<'a>>,
    descriptors: Vec<Foreign>,
) -> Parsed<Packet> {
    let mut reader = Reader {
        source: source.into(),
        descriptors: descriptors.into_iter(),
        rights: 0,
        items: 0,
        opened: slot.filter(|_| kind == records::MESSAGE),
    };
    let named = || slot.ok_or(Malformed("no slot"));
    let packet = match kind {
        records::MESSAGE => Packet::Message(reader.message(0)?),
        records::ADD_LINK => Packet::AddLink(reader.link_end()?),
        records::PROBE => Packet::Probe(value(reader.record::<[u32; 2]>()?)),
        records::HELLO => Packet::Hello(value(reader.record::<[u32; 2]>()?)),
        records::REPLY => Packet::Reply(named()?, reader.message(0)?),
        records::UNUSED => Packet::Unused(named()?),
        records::CONVERT => Packet::Convert(named()?, reader.link_fd()?),
        records::GONE => Packet::Gone(reader.slots()?),
        records::REPLACE => Packet::Replace(
            reader
                .slots()?
                .into_iter()
                .map(|slot| Ok((slot, reader.link_fd()?)))
                .collect::<Parsed<_>>()?,
        ),
        records::LEAVE => Packet::Leave,
        records::BACK => Packet::Back(reader.link_fd()?),
        records::LIMIT => {
            let limit = reader.record::<u32>()?.min(MACH_PORT_QLIMIT_MAX);
            let more = reader.source.left();
            reader.bytes(more)?;
            Packet::Limit(limit, more)
        }
        _ => return Err(Malformed("kind")),
    };
    let left_over =
        reader.source.left() > 0 || reader.descriptors.next().is_some() || reader.opened.is_some();
    if left_over {
        return Err(Malformed("something is left over"));
    }
    Ok(packet)
}

struct Reader<'a> {
    source: Source<'a>,
    descriptors: std::vec::IntoIter<Foreign>,
    rights: usize,
    items: usize,
    /// The slot that the reply right of a message may be.
    opened: Option<Slot>,
}

impl Reader<'_> {
    fn record<T: FromBytes>(&mut self) -> Parsed<T> {
        self.source.record().ok_or(Malformed("too few bytes"))
    }

    fn bytes(&mut self, len: usize) -> Parsed<Bytes> {
        self.source.bytes(len).ok_or(Malformed("too few bytes"))
    }

    fn descriptor(&mut self) -> Parsed<Foreign> {
        self.descriptors
            .next()
            .ok_or(Malformed("too few descriptors"))
    }

    fn link_fd(&mut self) -> Parsed<Fd> {
        let fd = self.descriptor()?;
        if socket::is_link_end(&fd) {
            Ok(Fd::Owned(fd))
        } else {
            Err(Malformed("not an end of a link"))
        }
    }

    /// A count of things that take at least `each` bytes: one that cannot fit asks for no memory.
    fn count(&self, count: u32, each: usize) -> Parsed<usize> {
        let count = count as usize;
        let fits = count
            .checked_mul(each)
            .is_some_and(|bytes| bytes <= self.source.left());
        if fits {
            Ok(count)
        } else {
            Err(Malformed("count"))
        }
    }

    fn message(&mut self, depth: usize) -> Parsed<Message> {
        let record: MessageRecord = self.record()?;
        let reply = self.reply(depth)?;
        let body_len = record.body as usize;
        if !body_len.is_multiple_of(4) || body_len > MAX_MESSAGE {
            return Err(Malformed("body length"));
        }
        let body = self.bytes(body_len)?;
        let complex = record.flags & COMPLEX != 0;
        let count = self.count(record.items, size_of::<ItemRecord>())?;
        self.items = self.items.saturating_add(count);
        if self.items > MAX_ITEMS {
            return Err(Malformed("too many items"));
        }
        let mut items = Vec::with_capacity(count.min(AT_FIRST));
        for _ in 0..count {
            items.push(self.item(depth)?);
        }
        check_body(complex, &body, &items)?;
        let ports_ok = match &reply {
            Right::Null | Right::Dead => matches!(
                u32::from(record.reply_disposition),
                0 | MACH_MSG_TYPE_PORT_SEND | MACH_MSG_TYPE_PORT_SEND_ONCE
            ),
            Right::Receive(_) => false,
            right => arrives_as(right) == u32::from(record.reply_disposition),
        };
        if !ports_ok {
            return Err(Malformed("reply disposition"));
        }
        Ok(Message {
            id: record.id,
            complex,
            through_once: record.flags & THROUGH_ONCE != 0,
            reply,
            reply_disposition: record.reply_disposition,
            voucher: record.voucher,
            sent: value(record.sent),
            body,
            items,
        })
    }

    fn reply(&mut self, depth: usize) -> Parsed<Right> {
        let record: RightRecord = self.record()?;
        if record.kind != records::RIGHT_SLOT {
            return self.right_of(record, depth);
        }
        // The first message that is read has it, and no message of a queue that moves with that.
        self.opened
            .take()
            .filter(|_| depth == 0)
            .map(Right::Slot)
            .ok_or(Malformed("a slot that is not in the prefix"))
    }

    fn slots(&mut self) -> Parsed<Vec<Slot>> {
        let mut slots = Vec::new();
        while self.source.left() > 0 {
            let record: SlotRecord = self.record()?;
            let index = u16::try_from(record.index)
                .ok()
                .filter(|&index| usize::from(index) < SLOTS && slots.len() < SLOTS)
                .ok_or(Malformed("slot"))?;
            slots.push(Slot {
                index,
                generation: record.generation,
            });
        }
        Ok(slots)
    }

    fn item(&mut self, depth: usize) -> Parsed<Item> {
        let record: ItemRecord = self.record()?;
        match record.kind {
            ITEM_PORT | ITEM_GUARDED => {
                let right = self.right(depth)?;
                check_disposition(&right, record.disposition)?;
                let guard =
                    (record.kind == ITEM_GUARDED).then(|| (value(record.context), record.flags));
                Ok(Item::Port {
                    right,
                    disposition: record.disposition,
                    guard,
                })
            }
            ITEM_MEMORY => {
                let len = record.count as usize;
                let memory = if record.flags & SEALED != 0 {
                    let fd = self.descriptor()?;
                    if !memory::is_sealed_memory(&fd, len) {
                        return Err(Malformed("memory that is not sealed, or too short"));
                    }
                    Memory::Sealed(Fd::Owned(fd), len)
                } else {
                    Memory::Bytes(self.bytes(len)?)
                };
                Ok(Item::Memory {
                    memory,
                    virtual_copy: record.flags & VIRTUAL_COPY != 0,
                    volatile: record.flags & VOLATILE != 0,
                })
            }
            ITEM_PORTS => {
                let count = self.count(record.count, size_of::<RightRecord>())?;
                let mut rights = Vec::with_capacity(count.min(AT_FIRST));
                for _ in 0..count {
                    let right = self.right(depth)?;
                    check_disposition(&right, record.disposition)?;
                    rights.push(right);
                }
                Ok(Item::Ports {
                    rights,
                    disposition: record.disposition,
                })
            }
            _ => Err(Malformed("item kind")),
        }
    }

    fn right(&mut self, depth: usize) -> Parsed<Right> {
        let record: RightRecord = self.record()?;
        self.right_of(record, depth)
    }

    fn right_of(&mut self, record: RightRecord, depth: usize) -> Parsed<Right> {
        self.rights = self.rights.saturating_add(1);
        if self.rights > MOST_RIGHTS {
            return Err(Malformed("too many rights"));
        }
        let [first, second, third, fourth] = record.values.map(value);
        Ok(match record.kind {
            records::RIGHT_NULL => Right::Null,
            records::RIGHT_DEAD => Right::Dead,
            records::RIGHT_SEND => Right::Send(SendRight {
                fd: self.link_fd()?,
                number: first,
                link: second,
                via: third,
                root: fourth,
                // 0 is the usual limit.
                limit: (record.flags ^ MACH_PORT_QLIMIT_DEFAULT).min(MACH_PORT_QLIMIT_MAX),
            }),
            records::RIGHT_ONCE => Right::Once(self.link_fd()?),
            records::RIGHT_RECEIVE => Right::Receive(Box::new(self.port(depth.saturating_add(1))?)),
            records::RIGHT_SEMAPHORE => {
                Right::Object(Object::Semaphore(Fd::Owned(self.descriptor()?)))
            }
            records::RIGHT_MEMORY => {
                let fd = self.descriptor()?;
                let end = first
                    .checked_add(second)
                    .and_then(|end| usize::try_from(end).ok());
                if !end.is_some_and(|end| memory::cannot_shrink(&fd, end)) {
                    return Err(Malformed("a memory entry whose memory can go away"));
                }
                Right::Object(Object::Memory {
                    fd: Fd::Owned(fd),
                    offset: first,
                    size: second,
                    writable: record.flags & WRITABLE != 0,
                })
            }
            records::RIGHT_HOST => Right::Object(Object::Host),
            records::RIGHT_BOOTSTRAP => Right::Object(Object::Bootstrap),
            records::RIGHT_FILE => Right::Object(Object::File(Fd::Owned(self.descriptor()?))),
            _ => return Err(Malformed("right kind")),
        })
    }

    fn port(&mut self, depth: usize) -> Parsed<Port> {
        if depth > MAX_DEPTH {
            return Err(Malformed("receive rights nested too deeply"));
        }
        let record: PortRecord = self.record()?;
        if record.qlimit > MACH_PORT_QLIMIT_MAX || record.messages as usize > MAX_QUEUED {
            return Err(Malformed("queue limit"));
        }
        let count = self.count(record.links, size_of::<LinkRecord>())?;
        let mut links = Vec::with_capacity(count.min(AT_FIRST));
        for _ in 0..count {
            links.push(self.link_end()?);
        }
        let no_senders = self.notify_right()?;
        let port_destroyed = self.notify_right()?;
        let count = self.count(record.services, size_of::<u32>())?;
        let mut services = Vec::with_capacity(count.min(AT_FIRST));
        for _ in 0..count {
            services.push(self.service()?);
        }
        let count = self.count(record.messages, size_of::<MessageRecord>())?;
        let mut messages = Vec::with_capacity(count.min(AT_FIRST));
        for _ in 0..count {
            messages.push(self.message(depth)?);
        }
        Ok(Port {
            qlimit: record.qlimit,
            links,
            messages,
            no_senders,
            port_destroyed,
            services,
        })
    }

    fn service(&mut self) -> Parsed<(Fd, String)> {
        let len = self.record::<u32>()? as usize;
        if len >= BOOTSTRAP_MAX_NAME_LEN as usize {
            return Err(Malformed("service name"));
        }
        let name = self.bytes(len)?.read();
        let name = name.map_err(|_| Malformed("service name"))?;
        let name = String::from_utf8(name).map_err(|_| Malformed("service name"))?;
        let listener = self.descriptor()?;
        if !socket::is_listener(&listener) {
            return Err(Malformed("not a listening socket"));
        }
        Ok((Fd::Owned(listener), name))
    }

    /// A receiving end, or what it is to be taken out of.
    fn link_end(&mut self) -> Parsed<LinkEnd> {
        let record: LinkRecord = self.record()?;
        let fd = self.descriptor()?;
        let once = record.once & 1 != 0;
        if !socket::is_link_end(&fd) && (once || !socket::is_listener(&fd)) {
            return Err(Malformed("not an end of a link"));
        }
        let back = match record.once >> 31 {
            0 => None,
            _ => Some(self.link_fd()?),
        };
        Ok(LinkEnd {
            fd: Fd::Owned(fd),
            link: value(record.link),
            once,
            said: (record.once >> 1) as u16,
            back,
        })
    }

    fn notify_right(&mut self) -> Parsed<Right> {
        match self.right(MAX_DEPTH)? {
            right @ (Right::Null | Right::Dead | Right::Once(_)) => Ok(right),
            _ => Err(Malformed("a request's right is not a send-once right")),
        }
    }
}

/// The disposition that a right arrives with; 0 for none.
fn arrives_as(right: &Right) -> u32 {
    match right {
        Right::Null | Right::Dead => 0,
        Right::Send(_) | Right::Object(_) => MACH_MSG_TYPE_PORT_SEND,
        Right::Once(_) | Right::Slot(_) => MACH_MSG_TYPE_PORT_SEND_ONCE,
        Right::Receive(_) => MACH_MSG_TYPE_PORT_RECEIVE,
    }
}

fn check_disposition(right: &Right, disposition: u8) -> Parsed<()> {
    let disposition = u32::from(disposition);
    let plausible =
        (MACH_MSG_TYPE_PORT_RECEIVE..=MACH_MSG_TYPE_PORT_SEND_ONCE).contains(&disposition);
    match right {
        Right::Null | Right::Dead if plausible || disposition == 0 => Ok(()),
        Right::Null | Right::Dead => Err(Malformed("disposition")),
        right if arrives_as(right) == disposition => Ok(()),
        _ => Err(Malformed("disposition")),
    }
}

/// The body's own count of descriptors, and the room for them, must be what follows.
fn check_body(complex: bool, body: &Bytes, items: &[Item]) -> Parsed<()> {
    if !complex {
        return if items.is_empty() {
            Ok(())
        } else {
            Err(Malformed("items of a simple message"))
        };
    }
    let sizes = items.iter().map(|item| match item {
        Item::Port { guard: None, .. } => 12,
        _ => 16,
    });
    let needed = sizes.fold(COUNT, usize::saturating_add);
    let mut count = [0; COUNT];
    body.peek(&mut count).map_err(|_| Malformed("body"))?;
    if u32::from_ne_bytes(count) as usize != items.len() || body.len() < needed {
        return Err(Malformed("descriptor count"));
    }
    Ok(())
}
