//! A packet taken apart. Descriptors are owned: dropping a tree closes all that it held.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use crate::sys::bytes::Bytes;
use crate::sys::foreign::Foreign;

/// A descriptor on its way out, or just arrived.
#[derive(Debug)]
pub(crate) enum Fd {
    Owned(Foreign),
    /// Still used here as well, or by a thread that waits on it.
    Shared(Arc<Foreign>),
    /// Memory, of this task or proved to be that.
    Memory(Arc<OwnedFd>),
}

impl AsFd for Fd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Owned(fd) => fd.as_fd(),
            Self::Shared(fd) => fd.as_fd(),
            Self::Memory(fd) => fd.as_fd(),
        }
    }
}

impl Fd {
    /// Notes that it was sent: another task has it, too.
    pub(crate) fn give_away(&self) {
        match self {
            Self::Owned(fd) => fd.give_away(),
            Self::Shared(fd) => fd.give_away(),
            Self::Memory(_) => {}
        }
    }

    /// The descriptor as one of this process's own.
    pub(crate) fn into_owned(self) -> io::Result<Foreign> {
        match self {
            Self::Owned(fd) => Ok(fd),
            Self::Shared(fd) => Arc::try_unwrap(fd).or_else(|fd| fd.try_clone()),
            Self::Memory(fd) => fd.try_clone().map(Foreign::arrived),
        }
    }

    /// As memory, if it is that.
    pub(crate) fn into_memory(self) -> Option<OwnedFd> {
        match self {
            Self::Memory(fd) => Arc::try_unwrap(fd).or_else(|fd| fd.try_clone()).ok(),
            other => other.into_owned().ok()?.into_memory(),
        }
    }
}

/// One packet.
#[derive(Debug)]
pub(crate) enum Packet {
    Message(Message),
    /// A further way to the port: the receiving end of a link whose sending end went to a third task.
    AddLink(LinkEnd),
    /// The number by which the sender of this will speak of the link.
    Hello(u64),
    /// Sent into one end to see it come out of the other.
    Probe(u64),
    /// By a way back: the message that a slot was opened for.
    Reply(Slot, Message),
    /// By a way back: the send-once right of a slot was given up.
    Unused(Slot),
    /// By a way back: the receiving end of a link that the right of a slot has from now on.
    Convert(Slot, Fd),
    /// The port of these slots has died.
    Gone(Vec<Slot>),
    /// The sending ends that the rights of these slots have from now on: those of all slots that are open.
    Replace(Vec<(Slot, Fd)>),
    /// The last send right of this link was given up; there are slots that are not over.
    Leave,
    /// The sending end by which replies go back that are made through slots.
    Back(Fd),
    /// Back over a link: its port's queue limit, and how many bytes follow that mean nothing by themselves.
    Limit(u32, usize),
}

/// A slot of a link and one of its uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) index: u16,
    pub(crate) generation: u32,
}

impl Slot {
    /// Its place as a prefix has it, where 0 is none.
    pub(crate) fn counted(self) -> u16 {
        self.index.saturating_add(1)
    }
}

/// How many slots a link has. A constant of the protocol (Slot rule 25).
pub(crate) const SLOTS: usize = 32;

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: i32,
    pub(crate) complex: bool,
    /// In a moved queue: the message came through a send-once right.
    pub(crate) through_once: bool,
    pub(crate) reply: Right,
    pub(crate) reply_disposition: u8,
    /// When it was sent, in nanoseconds of the wall clock, as its sender has it.
    pub(crate) sent: u64,
    /// What the sender put where a voucher would be.
    pub(crate) voucher: u32,
    /// All that follows the header, descriptors in their places (what stands in those places does not count).
    pub(crate) body: Bytes,
    pub(crate) items: Vec<Item>,
}

impl Message {
    /// How many bytes its receiver may have to find room for: what it says, not what its files take.
    pub(crate) fn weight(&self) -> u64 {
        let items = self.items.iter().map(Item::weight);
        items.fold(self.body.len() as u64, u64::saturating_add)
    }

    /// The part of that which is not of its body.
    pub(crate) fn weight_of_memory(&self) -> u64 {
        self.weight().saturating_sub(self.body.len() as u64)
    }

    /// The numbers of the links that its send rights have.
    pub(crate) fn links(&self) -> Vec<u64> {
        let carried = self.items.iter().flat_map(Item::rights);
        carried
            .chain([&self.reply])
            .filter_map(|right| match right {
                Right::Send(send) => Some(send.link),
                _ => None,
            })
            .collect()
    }

    /// How many descriptors its body has, and those of all messages in queues that it carries.
    pub(crate) fn all_items(&self) -> usize {
        let carried = self.items.iter().flat_map(Item::carried);
        carried
            .map(Message::all_items)
            .fold(self.items.len(), usize::saturating_add)
    }
}

impl Item {
    fn rights(&self) -> &[Right] {
        match self {
            Self::Port { right, .. } => std::slice::from_ref(right),
            Self::Ports { rights, .. } => rights,
            Self::Memory { .. } => &[],
        }
    }

    /// The messages in the queues of receive rights that it carries.
    fn carried(&self) -> impl Iterator<Item = &Message> {
        let queues = self.rights().iter().map(|right| match right {
            Right::Receive(port) => &port.messages[..],
            _ => &[],
        });
        queues.flatten()
    }

    fn weight(&self) -> u64 {
        let own = match self {
            Self::Memory { memory, .. } => match memory {
                Memory::Bytes(bytes) => bytes.len() as u64,
                Memory::Sealed(_, len) => *len as u64,
            },
            _ => 0,
        };
        let carried = self.carried().map(Message::weight);
        carried.fold(own, u64::saturating_add)
    }
}

/// What a descriptor of the body carries.
#[derive(Debug)]
pub(crate) enum Item {
    Port {
        right: Right,
        disposition: u8,
        guard: Option<(u64, u16)>,
    },
    Memory {
        memory: Memory,
        virtual_copy: bool,
        volatile: bool,
    },
    Ports {
        rights: Vec<Right>,
        disposition: u8,
    },
}

/// Out-of-line memory.
#[derive(Debug)]
pub(crate) enum Memory {
    Bytes(Bytes),
    Sealed(Fd, usize),
}

/// A right.
#[derive(Debug)]
pub(crate) enum Right {
    Null,
    Dead,
    Send(SendRight),
    /// A sending end that carries one message.
    Once(Fd),
    /// A send-once right whose message goes by the way back of the link that this came by.
    Slot(Slot),
    Receive(Box<Port>),
    Object(Object),
}

/// A send right: a sending end, and what helps the receiver to see which port it leads to.
#[derive(Debug)]
pub(crate) struct SendRight {
    pub(crate) fd: Fd,
    /// The sender's own number of the port.
    pub(crate) number: u64,
    /// The number under which both sides know the link.
    pub(crate) link: u64,
    /// The link over which the receiving end was sent ahead; 0 if it was not.
    pub(crate) via: u64,
    /// The link, made by who had the receive right, that all these come from.
    pub(crate) root: u64,
    /// The port's queue limit.
    pub(crate) limit: u32,
}

/// A receiving end.
#[derive(Debug)]
pub(crate) struct LinkEnd {
    pub(crate) fd: Fd,
    pub(crate) link: u64,
    pub(crate) once: bool,
    /// How many bytes have gone back over it to say what limit there is, as far as that matters.
    pub(crate) said: u16,
    /// By which replies go back, of a link that moves with its port.
    pub(crate) back: Option<Fd>,
}

/// A receive right with all that belongs to it.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) qlimit: u32,
    pub(crate) links: Vec<LinkEnd>,
    pub(crate) messages: Vec<Message>,
    pub(crate) no_senders: Right,
    pub(crate) port_destroyed: Right,
    /// Listening sockets, and the bootstrap names they listen under.
    pub(crate) services: Vec<(Fd, String)>,
}

/// A right to one of the kernel's own objects.
#[derive(Debug)]
pub(crate) enum Object {
    /// The receiver's own host.
    Host,
    /// The directory of bootstrap names, as the receiver finds it.
    Bootstrap,
    Semaphore(Fd),
    Memory {
        fd: Fd,
        offset: u64,
        size: u64,
        writable: bool,
    },
    File(Fd),
}
