//! The reply port that the caller of a simple routine names.

use mach_ports::{Message, ReceiveRight, ReplyRight, SendOnceRight, SendRight};

/// How the right to reply to a simple routine is sent: its reply port argument, by MIG's types of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplyTo<'a> {
    /// `mach_port_make_send_once_t`.
    MakeSendOnce(&'a ReceiveRight),
    /// `mach_port_make_send_t`.
    MakeSend(&'a ReceiveRight),
    /// `mach_port_copy_send_t`.
    CopySend(&'a SendRight),
    /// `mach_port_move_send_t` and `mach_port_move_send_once_t`.
    Move(ReplyRight),
}

impl From<SendRight> for ReplyTo<'_> {
    fn from(right: SendRight) -> Self {
        Self::Move(right.into())
    }
}

impl From<SendOnceRight> for ReplyTo<'_> {
    fn from(right: SendOnceRight) -> Self {
        Self::Move(right.into())
    }
}

impl<'a> ReplyTo<'a> {
    pub(super) fn put(self, message: Message<'a>) -> Message<'a> {
        match self {
            Self::MakeSendOnce(port) => message.reply_to_make_send_once(port),
            Self::MakeSend(port) => message.reply_to_make_send(port),
            Self::CopySend(right) => message.reply_to_copy_send(right),
            Self::Move(right) => message.reply_to_move(right),
        }
    }
}
