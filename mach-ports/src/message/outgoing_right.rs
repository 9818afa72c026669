//! A right as a message is to carry it.

use std::sync::Arc;

use crate::calls::{self, Name};
use crate::message::disposition::Disposition;
use crate::message::outgoing::Lent;
use crate::right::{AnyRight, ReceiveRight, SendRight};

/// A right, and what the message does with it. What is moved is owned; one that is dropped releases it.
#[derive(Debug)]
// Exhaustive: a message can do nothing else with a right.
pub enum OutgoingRight<'a> {
    /// The right itself goes to the receiver.
    Move(AnyRight),
    /// The receiver gets a copy of the send right.
    CopySend(&'a SendRight),
    /// The receiver gets a copy of the send right, which is released once the message has been sent.
    CopySendKept(SendRight),
    /// The receiver gets a new send right to the port.
    MakeSend(&'a ReceiveRight),
    /// The receiver gets a new send right to a port that others hold too.
    MakeSendShared(Arc<ReceiveRight>),
    /// The receiver gets a new send-once right to the port.
    MakeSendOnce(&'a ReceiveRight),
    /// The receiver gets a new send-once right to a port that others hold too.
    MakeSendOnceShared(Arc<ReceiveRight>),
    /// `MACH_PORT_NULL`, in the place of a right that would go in this way.
    Null(Disposition),
}

impl OutgoingRight<'_> {
    /// What stands in the message.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Move(right) => Disposition::moving(right.kind()),
            Self::CopySend(_) | Self::CopySendKept(_) => Disposition::CopySend,
            Self::MakeSend(_) | Self::MakeSendShared(_) => Disposition::MakeSend,
            Self::MakeSendOnce(_) | Self::MakeSendOnceShared(_) => Disposition::MakeSendOnce,
            Self::Null(disposition) => *disposition,
        }
    }

    /// The name and the disposition; whoever gets them owns what is moved. What must live until the message has been
    /// sent is put to `kept`.
    pub(super) fn into_raw(self, kept: &mut Vec<Lent>) -> (Name, Disposition) {
        let disposition = self.disposition();
        let name = match self {
            Self::Move(right) => right.into_raw().0,
            Self::CopySend(right) => right.name(),
            Self::CopySendKept(right) => {
                let name = right.name();
                kept.push(Lent::Right(right));
                name
            }
            Self::MakeSend(port) | Self::MakeSendOnce(port) => port.name(),
            Self::MakeSendShared(port) | Self::MakeSendOnceShared(port) => {
                let name = port.name();
                kept.push(Lent::Port(port));
                name
            }
            Self::Null(_) => calls::NULL,
        };
        (name, disposition)
    }
}

impl<R: Into<AnyRight>> From<R> for OutgoingRight<'_> {
    fn from(right: R) -> Self {
        Self::Move(right.into())
    }
}
