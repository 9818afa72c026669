//! The parts of a lock, and those that a system does not have.

use std::fmt;

/// A part of a lock that a system may be unable to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// Which files can be read, written and executed. On Linux it takes landlock (5.13 and newer).
    Files,
    /// What the kernel is asked for besides files: network, processes, tracing and all the rest. On Linux it takes
    /// seccomp.
    SystemCalls,
    /// That processes outside get no signals. On Linux a helper that may start processes needs landlock's scopes for it
    /// (6.12 and newer); to all others the filter of system calls does it.
    Signals,
    /// That the network ends at this machine ([`Network::Loopback`](crate::Network::Loopback)). On Linux it takes namespaces
    /// of users and networks, which some systems refuse ordinary users.
    Loopback,
    /// What is to be the process's own ([`Profile::namespace`](crate::Profile::namespace)). On Linux it takes namespaces, which
    /// some systems refuse ordinary users; macOS has none.
    Namespaces,
    /// A limit of memory. macOS does not keep it.
    Memory,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Files => "which files can be opened",
            Self::SystemCalls => "which system calls can be made",
            Self::Signals => "that signals stay inside",
            Self::Loopback => "that the network ends at this machine",
            Self::Namespaces => "what is to be the process's own",
            Self::Memory => "the limit of memory",
        })
    }
}

/// A part that this system cannot do, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The part.
    pub part: Part,
    /// What the system lacks.
    pub because: &'static str,
}

impl Missing {
    /// As a system would say it that lacks this: to test what a program makes of it.
    #[must_use]
    pub const fn new(part: Part, because: &'static str) -> Self {
        Self { part, because }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.part, self.part, self.because)
    }
}

/// Several, for the end of a sentence.
pub(crate) fn list(missing: &[Missing]) -> String {
    let each: Vec<_> = missing.iter().map(ToString::to_string).collect();
    each.join("; ")
}
