use mach_ports::{Message, ReceivedMessage};

use crate::wire::{REQUEST, REQUEST_SIZE, REQUEST_WITH_DATA};

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: the two ids are the protocol, and a server answers each.
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

#[cfg(test)]
mod tests {
    use mach_ports::{ReceiveRight, ReplyRight};

    use super::*;
    use crate::arrived::arrived;

    #[test]
    fn a_request_is_a_bare_header_with_a_send_once_right() {
        let reply = ReceiveRight::new().unwrap();
        for (request, id) in [
            (Request::Ports, *b"mrzv"),
            (Request::PortsAndData, *b"mrzV"),
        ] {
            let mut message = arrived(request.message().reply_to_make_send_once(&reply));
            assert_eq!(message.id().to_be_bytes(), id);
            assert_eq!(message.header_size(), 24);
            // The destination was a send right, the reply is a send-once right.
            assert_eq!(message.bits(), 17 << 8 | 18);
            assert_eq!(Request::read(&message), Some(request));
            assert!(matches!(
                message.take_reply(),
                Some(ReplyRight::SendOnce(_))
            ));
        }
    }

    #[test]
    fn other_messages_are_no_requests() {
        let (id, port) = (REQUEST, ReceiveRight::new().unwrap());
        for message in [
            Message::new(id + 1),
            Message::new(id).bytes(&[0; 4]),
            Message::new(id).complex(),
            Message::new(id).make_send(&port),
        ] {
            assert_eq!(Request::read(&arrived(message)), None);
        }
    }
}
