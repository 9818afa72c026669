//! A packet taken apart. Descriptors are owned: dropping a tree closes all that it held.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// A descriptor on its way out, or just arrived.
#[derive(Debug)]
pub(crate) enum Fd {
    Owned(OwnedFd),
    /// Still used here as well, or by a thread that waits on it.
    Shared(Arc<OwnedFd>),
}

impl AsFd for Fd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Owned(fd) => fd.as_fd(),
            Self::Shared(fd) => fd.as_fd(),
        }
    }
}

impl Fd {
    /// The descriptor as one of this process's own.
    pub(crate) fn into_owned(self) -> std::io::Result<OwnedFd> {
        match self {
            Self::Owned(fd) => Ok(fd),
            Self::Shared(fd) => match Arc::try_unwrap(fd) {
                Ok(fd) => Ok(fd),
                Err(fd) => fd.try_clone(),
            },
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
}

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
    pub(crate) body: Vec<u8>,
    pub(crate) items: Vec<Item>,
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
    Bytes(Vec<u8>),
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
}

/// A receiving end.
#[derive(Debug)]
pub(crate) struct LinkEnd {
    pub(crate) fd: Fd,
    pub(crate) link: u64,
    pub(crate) once: bool,
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
