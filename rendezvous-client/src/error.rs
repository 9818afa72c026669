use std::time::Duration;

use mach_ports::bootstrap::BootstrapError;
use mach_ports::{CallError, Error, RightKind};
use rendezvous_protocol::{MalformedReply, Unmet};

/// Why a client has no answer. Whatever had been received is destroyed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// A variable set by the launcher makes no sense: who started this process
    /// erred.
    #[error("the environment has {variable}={value:?}")]
    Environment {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The parent is in another pid namespace, and the environment names no
    /// server either.
    #[error("nothing says which process is the server")]
    NoServer,
    /// There is no server under the name, or a sandbox denies the look-up: the
    /// source says which.
    #[error("cannot look up the rendezvous server {name}")]
    LookUp {
        /// The bootstrap name.
        name: String,
        /// What the bootstrap server answered.
        source: BootstrapError,
    },
    /// The environment says that the bootstrap port is the server, and there
    /// is none.
    #[error("cannot get the bootstrap port")]
    BootstrapPort(#[source] Error),
    /// The server did not answer in time: it is stopped, or busy.
    ///
    /// The answer may have been on its way. The ports were in it then, and are
    /// released: another try finds none.
    #[error("no answer within {deadline:?}")]
    DeadlineExceeded {
        /// The time that was given.
        deadline: Duration,
    },
    /// The request could not be sent, or the reply not received.
    #[error("cannot exchange messages with the server")]
    Call(#[source] CallError),
    /// The reply came without an audit token.
    #[error("the kernel does not say who replied")]
    Anonymous,
    /// Another process than the server replied.
    #[error("process {found} replied instead of {expected}")]
    WrongProcess {
        /// The process in the server's name.
        expected: i32,
        /// The process that replied.
        found: i32,
    },
    /// The server runs as another user, who is not root either.
    #[error("the server in process {pid} runs as user {uid}")]
    WrongUser {
        /// The server.
        pid: i32,
        /// Its effective user id.
        uid: u32,
    },
    /// The server is not what the options demand.
    #[error("the server does not meet the requirement")]
    Requirement(#[source] Unmet),
    /// The reply is none: the server erred.
    #[error("the server sent a malformed reply")]
    Malformed(#[from] MalformedReply),
}

mach_ports::debug_with_causes!(ConnectError);

/// Why a right is not taken. It is left where it is.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// There is a right of another kind under the key.
    #[error("under key {key:#x} is a right of kind {found:?}, not {expected:?}")]
    WrongKind {
        /// The key.
        key: u32,
        /// The kind asked for.
        expected: RightKind,
        /// The kind there is.
        found: RightKind,
    },
    /// The port had died by the time its right arrived.
    #[error("the port under key {key:#x} is dead")]
    Dead {
        /// The key.
        key: u32,
    },
}

mach_ports::debug_with_causes!(TakeError);
