use mach_ports::Error;
use mach_ports::bootstrap::BootstrapCause;
use mach_ports::dispatch::DispatchError;
use rendezvous_protocol::{BaseIdError, text};

/// Why there is no server.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The base id makes no name: the caller erred.
    #[error("the base id is not valid")]
    BaseId(#[from] BaseIdError),
    /// The name cannot be checked in: another server of this process has it, or
    /// a sandbox forbids it.
    #[error("cannot check in as `{name}`{}", text::detail(detail.as_deref()))]
    CheckIn {
        /// The bootstrap name.
        name: String,
        /// What the bootstrap server answered.
        source: BootstrapCause,
        /// Where the name was to be, and what is wrong there, as far as that is known.
        detail: Option<String>,
    },
    /// The system did not give what a server is made of.
    #[error("cannot set up the server's port")]
    Port(#[from] Error),
    /// The server is in the process that this one was forked from, where its port
    /// and its thread are. The caller erred: it needs a server of its own.
    #[error("the server is in process {process}, which this one was forked from")]
    Forked {
        /// The server's process.
        process: u32,
    },
    /// The system did not give what a server's queue is made of.
    #[error("cannot set up the server's queue")]
    Queue(#[from] DispatchError),
}

mach_ports::debug_with_causes!(ServerError);

/// Why a collection is not registered. Its rights have been released.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// No process can have that pid: the caller erred.
    #[error("{pid} is no process id")]
    InvalidPid {
        /// The number.
        pid: i32,
    },
    /// The process has a collection that it has not claimed yet.
    #[error("process {pid} has a collection already, which it has not claimed yet")]
    AlreadyRegistered {
        /// The process.
        pid: i32,
    },
    /// The system will not tell when the process exits.
    #[error("cannot watch process {pid}")]
    Watch {
        /// The process.
        pid: i32,
        /// What the system answered.
        source: DispatchError,
    },
}

mach_ports::debug_with_causes!(RegisterError);
