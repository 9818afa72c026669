//! The kinds of port right.

/// The three kinds of port right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RightKind {
    /// The right to receive; a port has exactly one.
    Receive,
    /// The right to send, as often as one likes.
    Send,
    /// The right to send one message.
    SendOnce,
}
