use std::fmt;
use std::time::Duration;

use mach_ports::bootstrap::BootstrapCause;
use mach_ports::{CallError, Error, RightKind};
use rendezvous_protocol::{Denial, MalformedReply, Unmet, text};

/// Why a client has no answer. Whatever had been received is destroyed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// A variable set by the launcher makes no sense: who started this process
    /// erred.
    #[error("the environment has {variable}={value:?}, which no launcher sets: unset it")]
    Environment {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The parent is in another pid namespace, and the environment names no
    /// server either.
    #[error(
        "nothing says which process is the rendezvous server: \
         the parent is outside this pid namespace, and no launcher has named one"
    )]
    NoServer,
    /// There is no server under the name, or a sandbox denies the look-up: the
    /// source says which.
    #[error("cannot look up the rendezvous server `{name}`{}{}", text::detail(detail.as_deref()), hint(*source))]
    LookUp {
        /// The bootstrap name.
        name: String,
        /// What the bootstrap server answered.
        source: BootstrapCause,
        /// Where it was looked for, and what is wrong there, as far as that is known.
        detail: Option<String>,
    },
    /// The environment says that the bootstrap port is the server, and there
    /// is none.
    #[error(
        "the launcher says that the bootstrap port is the rendezvous server, and there is none"
    )]
    BootstrapPort(#[source] Error),
    /// The server did not answer in time: it is stopped, or busy.
    ///
    /// The answer may have been on its way. The ports were in it then, and are
    /// released: another try finds none.
    #[error(
        "the rendezvous server did not answer within {deadline:?} (is its process stopped or busy?)"
    )]
    DeadlineExceeded {
        /// The time that was given.
        deadline: Duration,
    },
    /// The request could not be sent, or the reply not received.
    #[error("cannot exchange messages with the rendezvous server")]
    Call(#[source] CallError),
    /// The request was dropped without an answer, and nothing says by whom: whoever has the server's name is none, or one
    /// that is in trouble or of an old version, which refuses like that.
    #[error(
        "{server} dropped the request without an answer: it has ended, is no rendezvous server, or is short of descriptors"
    )]
    NoReply {
        /// Who was asked.
        server: ServerName,
    },
    /// The server has ports for this process, and does not give them to it: the reason says whether they are lost.
    #[error("the rendezvous server does not give this process its ports: {}", denial(*reason))]
    Denied {
        /// What the server says.
        reason: Denial,
    },
    /// The reply came without an audit token.
    #[error("the kernel does not say who replied")]
    Anonymous,
    /// Another process than the server replied.
    #[error(
        "{} replied instead of the rendezvous server, {}{}",
        text::process(*found), text::process(*expected), namespace_hint(*found)
    )]
    WrongProcess {
        /// The process in the server's name.
        expected: i32,
        /// The process that replied.
        found: i32,
    },
    /// The server runs as another user, who is not root either.
    #[error(
        "the rendezvous server, process {pid}, runs as user {uid}: neither as this process's nor as root"
    )]
    WrongUser {
        /// The server.
        pid: i32,
        /// Its effective user id.
        uid: u32,
    },
    /// The server is not what the options demand.
    #[error("the rendezvous server does not meet the requirement")]
    Requirement(#[source] Unmet),
    /// The reply is none: the server erred.
    #[error("the rendezvous server sent a malformed reply")]
    Malformed(#[from] MalformedReply),
}

mach_ports::debug_with_causes!(ConnectError);

/// What a server is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerName {
    /// The bootstrap port of this process, which the environment says is the server.
    BootstrapPort,
    /// The right that the parent has passed to this process.
    PassedPort,
    /// A bootstrap name.
    Name(String),
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BootstrapPort => f.write_str("the receiver of the bootstrap port"),
            Self::PassedPort => f.write_str("the receiver of the port that the parent passed"),
            Self::Name(name) => write!(f, "the process that serves `{name}`"),
        }
    }
}

/// What a server's reason means, and the way out.
fn denial(reason: Denial) -> &'static str {
    match reason {
        Denial::Requirement => {
            "it does not meet the requirement (the launcher's `Child::rendezvous` says which)"
        }
        Denial::Undelivered => {
            "they could not be sent, and are lost (the launcher's `Child::rendezvous` says why; are its descriptors used up?)"
        }
        Denial::Unidentified => {
            "the server's process is short of descriptors; they are kept for another try"
        }
        _ => "for a reason that this version does not know",
    }
}

/// What is behind a failed look-up, most of the time.
fn hint(cause: BootstrapCause) -> &'static str {
    match cause {
        BootstrapCause::UnknownService => {
            " (was this process started by a launcher that still runs?)"
        }
        BootstrapCause::NotPrivileged => {
            " (in a sandbox? a launcher's `private_bootstrap` does without)"
        }
        _ => "",
    }
}

/// What is behind a reply by somebody whom this process has no pid for.
fn namespace_hint(pid: i32) -> &'static str {
    if pid < 0 {
        " (if that is the parent, a launcher's `private_bootstrap` reaches across pid namespaces)"
    } else {
        ""
    }
}

/// Why a right is not taken. It is left where it is.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// There is a right of another kind under the key.
    #[error("under key {} is a {found}, not a {expected}", text::key(*key))]
    WrongKind {
        /// The key.
        key: u32,
        /// The kind asked for.
        expected: RightKind,
        /// The kind there is.
        found: RightKind,
    },
    /// The port had died by the time its right arrived.
    #[error("the port under key {} is dead: nobody holds its receive right any more", text::key(*key))]
    Dead {
        /// The key.
        key: u32,
    },
}

mach_ports::debug_with_causes!(TakeError);
