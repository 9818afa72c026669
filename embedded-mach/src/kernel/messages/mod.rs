//! Messages: from a sender's names to rights, onto a port's queue, and from there to a receiver's names.

pub(crate) mod copyin;
pub(crate) mod copyout;
pub(crate) mod destroy;
pub(crate) mod kmsg;
pub(crate) mod parking;
pub(crate) mod receive;
pub(crate) mod send;
