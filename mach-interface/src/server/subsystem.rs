//! What a server does with a request.

use mach_ports::{ReplyRight, ReturnCode};

use crate::code;
use crate::describe::Interface;
use crate::server::{Reply, Request};
use crate::wire::code_reply;

/// An object that answers the requests of one interface. `#[subsystem]` makes these of its trait's implementors.
pub trait Subsystem: Send + Sync {
    /// The interface.
    fn interface(&self) -> &'static Interface;

    /// Whether this id is one of the interface's, be it an index that is used up.
    fn has(&self, id: i32) -> bool {
        let interface = self.interface();
        usize::try_from(id.wrapping_sub(interface.base))
            .is_ok_and(|index| index < interface.routines.len())
    }

    /// Checks a request, calls its routine, and says what is to be answered.
    fn answer(&self, request: Request) -> Outcome;
}

/// What is to be done once a routine has returned.
#[derive(Debug)]
#[must_use = "a reply that is not sent is dropped, and the caller learns that"]
// Exhaustive: a reply is sent or it is not.
pub enum Outcome {
    /// This reply is to be sent.
    Reply(Reply),
    /// Nothing: the request had no reply port, or the routine has kept it or dropped it.
    Nothing,
}

impl Outcome {
    /// An error, or a success that says no more.
    pub(crate) fn failed(id: i32, to: Option<ReplyRight>, code: ReturnCode) -> Self {
        match to {
            Some(to) if code != code::NO_REPLY => Self::Reply(Reply {
                message: code_reply(id, code),
                to,
            }),
            _ => Self::Nothing,
        }
    }

    /// Sends the reply, if there is one.
    pub fn send(self) {
        if let Self::Reply(reply) = self {
            reply.send();
        }
    }
}

/// What simple routines return: nothing, or a code that matters only to callers that gave a reply port.
pub trait SimpleResult {
    /// The code.
    fn code(self) -> ReturnCode;
}

impl SimpleResult for () {
    fn code(self) -> ReturnCode {
        ReturnCode::new(0)
    }
}

impl<E: Into<ReturnCode>> SimpleResult for Result<(), E> {
    fn code(self) -> ReturnCode {
        self.map_or_else(Into::into, |()| ReturnCode::new(0))
    }
}
