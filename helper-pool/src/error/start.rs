use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use launcher::{LaunchError, LaunchStep, Refusal};
use mach_interface::ConnectError;
use mach_ports::Error;

/// Why there is no pool.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The caller's side: no pool can be like this.
    #[error("{0}")]
    Setting(&'static str),
    /// The pool's threads could not be made.
    #[error("the pool's threads cannot be made")]
    Thread(#[source] io::Error),
}

/// Why a helper did not come to serve.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartCause {
    /// This process is short of something: the helper's port could not be made.
    #[error(transparent)]
    Port(#[from] Error),
    /// This process is short of something: no thread could be made to start the helper on.
    #[error("no thread can be made to start a helper on")]
    Thread(#[source] io::Error),
    /// The process could not be made.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// It ended before it served: it crashed, or never called [`serve`](crate::serve).
    #[error("the helper ended at its start: {0}")]
    Ended(ExitStatus),
    /// It does not meet what the launcher requires of it, or could not be given its port.
    #[error("the helper was refused its port")]
    Refused(#[source] Refusal),
    /// It let go of its port and lived on.
    #[error("the helper closed its port at its start")]
    Closed,
    /// It did not serve in time.
    #[error("the helper did not serve within {0:?}")]
    Silent(Duration),
    /// It serves another interface, or something that is no interface.
    #[error(transparent)]
    Interface(ConnectError),
    /// The pool was stopped meanwhile.
    #[error("the pool has been stopped")]
    Stopped,
}

/// A helper that did not come to serve: why, which process it was, and what it said last.
///
/// Its text has all of that, causes included.
pub struct StartError {
    pub(crate) pid: Option<i32>,
    pub(crate) cause: StartCause,
    pub(crate) stderr: String,
}

/// No helper comes to serve, however often one is started.
#[derive(Clone, thiserror::Error)]
#[error("{in_a_row} helpers in a row did not start: {last}")]
pub struct NoHelper {
    pub(crate) in_a_row: u32,
    pub(crate) last: Arc<StartError>,
}

mach_ports::debug_with_causes!(BuildError, StartCause, StartError, NoHelper);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mach_ports::fmt_with_causes(&self.cause, f)?;
        match self.stderr.trim() {
            "" => Ok(()),
            stderr => write!(f, "; its standard error ends with:\n{stderr}"),
        }
    }
}

impl std::error::Error for StartError {}

impl StartCause {
    /// Whether the next helper can only fare the same.
    pub(crate) fn is_for_good(&self) -> bool {
        match self {
            Self::Interface(ConnectError::Mismatch { .. } | ConnectError::Unknown)
            | Self::Stopped => true,
            Self::Launch(error) => error.step() == LaunchStep::Lock,
            _ => false,
        }
    }
}

impl StartError {
    /// The process id that it had, if it came to that.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.pid
    }

    /// Why it does not serve.
    #[must_use]
    pub fn cause(&self) -> &StartCause {
        &self.cause
    }

    /// The tail of what it wrote to its standard error; empty if that is [not kept](crate::Stderr::Inherit).
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }
}

impl NoHelper {
    /// How many helpers failed in a row.
    #[must_use]
    pub fn in_a_row(&self) -> u32 {
        self.in_a_row
    }

    /// What became of the last one.
    #[must_use]
    pub fn last(&self) -> &StartError {
        &self.last
    }
}
