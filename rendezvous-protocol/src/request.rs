use mach_ports::{Message, ReceivedMessage};

use crate::wire::{REQUEST, REQUEST_SIZE, REQUEST_WITH_DATA};

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request {
    /// The ports. Every server understands this one.
    Ports,
    /// The ports and the additional data.
    PortsAndData,
}

impl Request {
    /// The message, still without its reply port: a bare header.
    pub fn message(self) -> Message<'static> {
        Message::new(match self {
            Self::Ports => REQUEST,
            Self::PortsAndData => REQUEST_WITH_DATA,
        })
    }

    /// Reads a message that a server received. `None`: it is no request, and
    /// deserves no reply.
    #[must_use]
    pub fn read(message: &ReceivedMessage) -> Option<Self> {
        if message.is_complex() || message.header_size() as usize != REQUEST_SIZE {
            return None;
        }
        match message.id() {
            REQUEST => Some(Self::Ports),
            REQUEST_WITH_DATA => Some(Self::PortsAndData),
            _ => None,
        }
    }
}
