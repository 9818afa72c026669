//! What happens to a right when a message carries it.

use crate::ffi::message as raw;
use crate::right::RightKind;

/// What the sender does with a right that it names: `MACH_MSG_TYPE_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: a message can do nothing else with a right.
pub enum Disposition {
    /// The receive right goes to the receiver.
    MoveReceive,
    /// One reference of the send right goes to the receiver.
    MoveSend,
    /// The send-once right goes to the receiver.
    MoveSendOnce,
    /// The receiver gets a send right, the sender keeps its own.
    CopySend,
    /// A send right is made from the sender's receive right.
    MakeSend,
    /// A send-once right is made from the sender's receive right.
    MakeSendOnce,
}

impl Disposition {
    /// The number that stands in a message.
    #[must_use]
    pub const fn raw(self) -> u32 {
        match self {
            Self::MoveReceive => raw::MACH_MSG_TYPE_MOVE_RECEIVE,
            Self::MoveSend => raw::MACH_MSG_TYPE_MOVE_SEND,
            Self::MoveSendOnce => raw::MACH_MSG_TYPE_MOVE_SEND_ONCE,
            Self::CopySend => raw::MACH_MSG_TYPE_COPY_SEND,
            Self::MakeSend => raw::MACH_MSG_TYPE_MAKE_SEND,
            Self::MakeSendOnce => raw::MACH_MSG_TYPE_MAKE_SEND_ONCE,
        }
    }

    /// The disposition with this number.
    #[must_use]
    pub const fn from_raw(number: u32) -> Option<Self> {
        Some(match number {
            raw::MACH_MSG_TYPE_MOVE_RECEIVE => Self::MoveReceive,
            raw::MACH_MSG_TYPE_MOVE_SEND => Self::MoveSend,
            raw::MACH_MSG_TYPE_MOVE_SEND_ONCE => Self::MoveSendOnce,
            raw::MACH_MSG_TYPE_COPY_SEND => Self::CopySend,
            raw::MACH_MSG_TYPE_MAKE_SEND => Self::MakeSend,
            raw::MACH_MSG_TYPE_MAKE_SEND_ONCE => Self::MakeSendOnce,
            _ => return None,
        })
    }

    /// The kind of right that the receiver gets.
    #[must_use]
    pub const fn arrives_as(self) -> RightKind {
        match self {
            Self::MoveReceive => RightKind::Receive,
            Self::MoveSend | Self::CopySend | Self::MakeSend => RightKind::Send,
            Self::MoveSendOnce | Self::MakeSendOnce => RightKind::SendOnce,
        }
    }

    /// The kind of right that this moves out of the sender, if it moves one.
    #[must_use]
    pub const fn moves(self) -> Option<RightKind> {
        match self {
            Self::MoveReceive => Some(RightKind::Receive),
            Self::MoveSend => Some(RightKind::Send),
            Self::MoveSendOnce => Some(RightKind::SendOnce),
            Self::CopySend | Self::MakeSend | Self::MakeSendOnce => None,
        }
    }

    /// The disposition that moves a right of this kind.
    #[must_use]
    pub const fn moving(kind: RightKind) -> Self {
        match kind {
            RightKind::Receive => Self::MoveReceive,
            RightKind::Send => Self::MoveSend,
            RightKind::SendOnce => Self::MoveSendOnce,
        }
    }
}

impl TryFrom<u32> for Disposition {
    type Error = u32;

    fn try_from(number: u32) -> Result<Self, u32> {
        Self::from_raw(number).ok_or(number)
    }
}

/// The kind of right that a number in a message moves, which on arrival is the kind that was received.
pub(crate) const fn moved_kind(number: u32) -> Option<RightKind> {
    match Disposition::from_raw(number) {
        Some(disposition) => disposition.moves(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dispositions_correspond() {
        let known: Vec<_> = (0..32).filter_map(Disposition::from_raw).collect();
        assert_eq!(known.len(), 6);
        for disposition in known {
            assert_eq!(Disposition::from_raw(disposition.raw()), Some(disposition));
        }
        assert_eq!(Disposition::try_from(22), Err(22));
    }

    #[test]
    fn what_is_moved_arrives_as_the_same_kind() {
        for kind in [RightKind::Receive, RightKind::Send, RightKind::SendOnce] {
            let disposition = Disposition::moving(kind);
            assert_eq!(disposition.moves(), Some(kind));
            assert_eq!(disposition.arrives_as(), kind);
        }
        assert_eq!(Disposition::CopySend.moves(), None);
    }
}
