//! A dead-name or send-possible request on a name.

use super::right::Right;

/// What the holder of a name wants to hear of, and through which send-once right.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) notify: Right,
    pub(crate) wish: Wish,
}

/// What is wanted besides the port's death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Only its death.
    DeadName,
    /// Room in the queue, once a send with `MACH_SEND_NOTIFY` met a full one.
    SendPossible,
    /// Room in the queue, the next time there is some.
    SendPossibleArmed,
}
