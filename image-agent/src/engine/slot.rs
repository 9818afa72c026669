//! A place for a monitor.

use std::time::Duration;

use image_protocol::{HELLO, Hello};
use mach_ports::{Message, PortSet, ReceiveRight, SendError, SendOptions, SendRight};

/// The way to one monitor, and the port on which its replies come.
#[derive(Debug)]
pub(crate) struct Slot {
    to: SendRight,
    pub(crate) replies: ReceiveRight,
    pub(crate) deadline: Duration,
    /// It was late, and is told nothing until it goes.
    pub(crate) late: bool,
}

/// How a message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    Taken,
    /// There was no room for it.
    Full,
    /// The port is dead.
    Dead,
}

impl Slot {
    /// Greets a monitor, with the port for its replies, which is put into the set. `None` if it is not there any more, or there is
    /// no room for another port.
    pub(crate) fn begin(to: SendRight, hello: Hello, set: &PortSet) -> Option<Self> {
        let replies = ReceiveRight::new().ok()?;
        set.insert(&replies).ok()?;
        let notify = || replies.make_send_once().ok();
        to.request_dead_name(notify()?).ok()?;
        let slot = Self {
            deadline: Duration::from_millis(hello.deadline_ms.into()),
            to,
            replies,
            late: false,
        };
        let greeting = Message::new(HELLO)
            .bytes(&hello.bytes())
            .reply_to_make_send(&slot.replies);
        if slot.send(greeting) != Sent::Taken {
            return None;
        }
        // From here on somebody has a right to reply by, until nobody has.
        let notify = slot.replies.make_send_once().ok()?;
        slot.replies.request_no_senders(notify, 1).ok()?;
        Some(slot)
    }

    /// Sends without waiting.
    pub(crate) fn send(&self, message: Message<'_>) -> Sent {
        match message.send(&self.to, &SendOptions::new().timeout(Duration::ZERO)) {
            Ok(()) => Sent::Taken,
            Err(SendError::TimedOut(_)) => Sent::Full,
            Err(_) => Sent::Dead,
        }
    }
}
