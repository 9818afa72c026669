//! The kinds of port right.

use std::fmt;

/// The three kinds of port right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: Mach has no other port rights that a task can own.
pub enum RightKind {
    /// The right to receive; a port has exactly one.
    Receive,
    /// The right to send, as often as one likes.
    Send,
    /// The right to send one message.
    SendOnce,
}

impl fmt::Display for RightKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive => "receive right",
            Self::Send => "send right",
            Self::SendOnce => "send-once right",
        })
    }
}
