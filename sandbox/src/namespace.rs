//! What a process may have of its own.

/// What a process can have of its own on Linux, instead of sharing it with the system: see
/// [`Profile::namespace`](crate::Profile::namespace).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Namespace {
    /// Users, of which it sees its own alone. A child of root that is locked up so stays root's: the launch fails with
    /// `EINVAL` if it is to become another user.
    User,
    /// Mounts: what is mounted or unmounted elsewhere from now on is not seen, nor is what it does seen elsewhere.
    Mount,
    /// Processes: it is the first of its own, names no other, and all that it started ends with it. To be imposed: a process
    /// that is there stays where it is. As the first it gets no signals that it does not handle, but for `SIGKILL`.
    /// It cannot name its parent, so its launcher makes the rendezvous server its bootstrap port.
    Pid,
    /// System V's shared memory, semaphores and queues, and POSIX's queues.
    Ipc,
    /// The host's name.
    Uts,
    /// The network: none at all, or a loopback of its own by [`Network::Loopback`](crate::Network::Loopback).
    Network,
}
