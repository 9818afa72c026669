use mach_ports::{Message, ReceivedMessage};

use crate::wire::{CHALLENGE, CONFIRMATION, CONFIRMATION_WITH_DATA};
use crate::{MalformedReply, Request};

/// A server's question whether a process does ask: a number that nobody guesses.
///
/// What asked may not be what the process executes by the time that it is looked at, where the kernel does not tell the two
/// apart. Only who runs in the process after the look can send the number back, for the kernel says who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// The number.
    pub nonce: u64,
}

/// The answer to a [`Challenge`]: the request once more, with the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// What is asked for.
    pub request: Request,
    /// The server's number.
    pub nonce: u64,
}

impl Challenge {
    /// The message: a header and the number.
    pub fn message(self) -> Message<'static> {
        Message::new(CHALLENGE).bytes(&self.nonce.to_ne_bytes())
    }

    /// Reads a message that a client received; `None` if it is another one.
    ///
    /// # Errors
    /// [`MalformedReply`]; everything in the message is destroyed with it.
    pub fn read(message: &ReceivedMessage) -> Result<Option<Self>, MalformedReply> {
        if message.id() != CHALLENGE {
            return Ok(None);
        }
        let len = message.body().len();
        let nonce = nonce(message).ok_or(MalformedReply::Truncated { len })?;
        Ok(Some(Self { nonce }))
    }
}

impl Confirmation {
    /// The message, still without its reply port.
    pub fn message(self) -> Message<'static> {
        let id = match self.request {
            Request::Ports => CONFIRMATION,
            Request::PortsAndData => CONFIRMATION_WITH_DATA,
        };
        Message::new(id).bytes(&self.nonce.to_ne_bytes())
    }

    /// Reads a message that a server received. `None`: it is no confirmation.
    #[must_use]
    pub fn read(message: &ReceivedMessage) -> Option<Self> {
        let request = match message.id() {
            CONFIRMATION => Request::Ports,
            CONFIRMATION_WITH_DATA => Request::PortsAndData,
            _ => return None,
        };
        let nonce = nonce(message)?;
        Some(Self { request, nonce })
    }
}

/// The number in a message that carries nothing else.
fn nonce(message: &ReceivedMessage) -> Option<u64> {
    let bytes = message.body().try_into().ok()?;
    (!message.is_complex()).then(|| u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use mach_ports::{ReceiveOptions, ReceiveRight, SendOptions};

    use super::*;
    use crate::wire::CONFIRMATION_SIZE;

    fn arrived(message: Message<'_>) -> ReceivedMessage {
        let port = ReceiveRight::new().unwrap();
        message
            .send(&port.make_send().unwrap(), &SendOptions::new())
            .unwrap();
        port.receive(&ReceiveOptions::new()).unwrap()
    }

    #[test]
    fn both_are_read_back() {
        let nonce = 0x0123_4567_89ab_cdef;
        let challenge = arrived(Challenge { nonce }.message());
        assert_eq!(Challenge::read(&challenge), Ok(Some(Challenge { nonce })));
        assert_eq!(Confirmation::read(&challenge), None);
        for request in [Request::Ports, Request::PortsAndData] {
            let confirmation = Confirmation { request, nonce };
            let message = arrived(confirmation.message());
            assert_eq!(message.header_size() as usize, CONFIRMATION_SIZE);
            assert_eq!(Confirmation::read(&message), Some(confirmation));
            assert_eq!(Challenge::read(&message), Ok(None));
            assert_eq!(Request::read(&message), None);
        }
    }

    #[test]
    fn damaged_ones_are_none() {
        let port = ReceiveRight::new().unwrap();
        for id in [CHALLENGE, CONFIRMATION, CONFIRMATION_WITH_DATA] {
            for message in [
                Message::new(id),
                Message::new(id).bytes(&[0; 4]),
                Message::new(id).bytes(&[0; 12]),
                Message::new(id).make_send(&port).bytes(&[0; 8]),
            ] {
                let message = arrived(message);
                assert_eq!(Confirmation::read(&message), None);
                assert_eq!(Challenge::read(&message).is_err(), id == CHALLENGE);
            }
        }
        assert!(!port.status().unwrap().has_senders);
    }
}
