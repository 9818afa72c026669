//! Rights that no name stands for at the moment: in a message, in a request, in the hands of a call.

use super::ids::PortKey;
use crate::headers::message::{
    MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE,
    mach_msg_type_name_t,
};

/// A right, or what stands in a right's place.
///
/// Holding one is holding one count of its port: it must be given to a name, put into a message or released.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a right that is not placed must be released"]
pub(crate) enum Right {
    /// `MACH_PORT_NULL`.
    Null,
    /// `MACH_PORT_DEAD`.
    Dead,
    Send(PortKey),
    SendOnce(PortKey),
    Receive(PortKey),
}

impl Right {
    pub(crate) fn port(&self) -> Option<PortKey> {
        match *self {
            Self::Send(key) | Self::SendOnce(key) | Self::Receive(key) => Some(key),
            Self::Null | Self::Dead => None,
        }
    }

    /// The disposition with which it arrives.
    pub(crate) fn disposition(&self) -> mach_msg_type_name_t {
        match self {
            Self::Null | Self::Dead => 0,
            Self::Send(_) => MACH_MSG_TYPE_PORT_SEND,
            Self::SendOnce(_) => MACH_MSG_TYPE_PORT_SEND_ONCE,
            Self::Receive(_) => MACH_MSG_TYPE_PORT_RECEIVE,
        }
    }

    /// Takes the right and leaves nothing.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Null)
    }
}
