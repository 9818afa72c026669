use mach_ports::{Message, ReceivedMessage};

use crate::MalformedReply;
use crate::wire::DENIAL;

/// Why a server does not send its ports to a process that asks.
///
/// A process for which nothing is registered gets an empty reply instead: servers say no more to those whom they do not
/// know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Denial {
    /// The process is not what its parent demands. The ports are released.
    Requirement,
    /// A port of the collection is gone, or the ports could not be sent: the server's process is short of descriptors or
    /// memory. The ports are released.
    Undelivered,
    /// The server could not find out which process asks, for want of descriptors. The ports wait for another try.
    Unidentified,
}

/// Each reason and its number.
const NUMBERS: [(Denial, u32); 3] = [
    (Denial::Requirement, 1),
    (Denial::Undelivered, 2),
    (Denial::Unidentified, 3),
];

impl Denial {
    /// The message: a header and the number of the reason.
    pub fn message(self) -> Message<'static> {
        let number = NUMBERS.iter().find(|(denial, _)| *denial == self);
        let number = number.map_or(0, |(_, number)| *number);
        Message::new(DENIAL).bytes(&number.to_ne_bytes())
    }

    /// Reads a message that a client received; `None` if it is another one.
    ///
    /// # Errors
    /// [`MalformedReply`]; everything in the message is destroyed with it.
    pub fn read(message: &ReceivedMessage) -> Result<Option<Self>, MalformedReply> {
        if message.id() != DENIAL {
            return Ok(None);
        }
        let body = message.body();
        let number = match body.try_into() {
            Ok(word) if !message.is_complex() => u32::from_ne_bytes(word),
            _ => return Err(MalformedReply::Truncated { len: body.len() }),
        };
        let found = NUMBERS.iter().find(|(_, known)| *known == number);
        let (denial, _) = found.ok_or(MalformedReply::Denial { number })?;
        Ok(Some(*denial))
    }
}

#[cfg(test)]
mod tests {
    use mach_ports::{ReceiveOptions, ReceiveRight, SendOptions};

    use super::*;

    fn read(message: Message<'_>) -> Result<Option<Denial>, MalformedReply> {
        let port = ReceiveRight::new().unwrap();
        message
            .send(&port.make_send().unwrap(), &SendOptions::new())
            .unwrap();
        Denial::read(&port.receive(&ReceiveOptions::new()).unwrap())
    }

    #[test]
    fn each_is_read_back() {
        for (denial, _) in NUMBERS {
            assert_eq!(read(denial.message()), Ok(Some(denial)));
        }
    }

    #[test]
    fn other_messages_are_none_and_damaged_ones_errors() {
        assert_eq!(read(Message::new(crate::wire::REPLY)), Ok(None));
        for number in [0, 4, u32::MAX] {
            let message = Message::new(DENIAL).bytes(&number.to_ne_bytes());
            assert_eq!(read(message), Err(MalformedReply::Denial { number }));
        }
        for len in [0, 8] {
            let message = Message::new(DENIAL).bytes(&vec![0; len]);
            assert_eq!(read(message), Err(MalformedReply::Truncated { len }));
        }
        let port = ReceiveRight::new().unwrap();
        let with_port = Message::new(DENIAL).make_send(&port).bytes(&[1, 0, 0, 0]);
        assert_eq!(read(with_port), Err(MalformedReply::Truncated { len: 4 }));
        assert!(!port.status().unwrap().has_senders);
    }
}
