//! Ports and what they hold: queues, rights, who waits, who asked to be told; and how a port ends.

pub(crate) mod ids;
pub(crate) mod lifecycle;
pub(crate) mod notify;
pub(crate) mod port;
pub(crate) mod queue;
pub(crate) mod request;
pub(crate) mod right;
pub(crate) mod set;
pub(crate) mod signal;
pub(crate) mod spin;
pub(crate) mod turns;
pub(crate) mod unread;
pub(crate) mod waiters;
