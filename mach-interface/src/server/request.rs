//! A request that no routine has seen yet.

use mach_ports::{ReceivedMessage, ReplyRight};

use crate::code::Refusal;
use crate::server::Outcome;

/// A received request, with the right to reply to it.
///
/// Dropped, it drops that right: the caller learns it at once.
#[derive(Debug)]
pub struct Request {
    pub(super) message: ReceivedMessage,
    pub(super) reply: Option<ReplyRight>,
}

impl Request {
    /// Takes a message for a request.
    #[must_use]
    pub fn new(mut message: ReceivedMessage) -> Self {
        let reply = message.take_reply();
        Self { message, reply }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.message.id()
    }

    /// Its message.
    pub const fn message(&self) -> &ReceivedMessage {
        &self.message
    }

    /// Answers that it is refused. Its rights and its memory go.
    pub fn refuse(self, refusal: Refusal) -> Outcome {
        Outcome::failed(self.id(), self.reply, refusal.code())
    }
}
