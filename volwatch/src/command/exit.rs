//! What went wrong, in one line and one number.

use std::ffi::OsString;
use std::io;

use lock_service::LockError;
use mach_ports::bootstrap::{BootstrapCause, BootstrapError};

use crate::StartError;
use crate::client::ClientError;
use crate::settings::SettingsError;

// As in <sysexits.h>, where it has one.
pub(super) const USAGE: u8 = 64;
const UNKNOWN: u8 = 66;
const NO_DAEMON: u8 = 69;
const FAILURE: u8 = 70;
const BUSY: u8 = 75;
const NOT_PERMITTED: u8 = 77;
const CONFIGURATION: u8 = 78;
// As of shells.
const NOT_RUN: u8 = 126;
const NOT_THERE: u8 = 127;

#[derive(thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}", .program.display())]
    Command {
        program: OsString,
        source: io::Error,
    },
    #[error("{what}")]
    System {
        what: &'static str,
        source: io::Error,
    },
    /// What the daemon answered.
    #[error("{text}")]
    Said { text: String, status: Said },
}

mach_ports::debug_with_causes!(Trouble);

/// What an answer of the daemon's means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Unknown,
    Busy,
    Failure,
}

impl Trouble {
    pub(super) fn said(status: Said, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Said { text, status }
    }

    pub(super) fn status(&self) -> u8 {
        match self {
            Self::Client(error) => of_client(error),
            Self::Settings(_) => CONFIGURATION,
            Self::Start(StartError::Running(_)) => BUSY,
            Self::Start(StartError::Name(error)) if is_denied(error) => NOT_PERMITTED,
            Self::Command { source, .. } if source.kind() == io::ErrorKind::NotFound => NOT_THERE,
            Self::Command { .. } => NOT_RUN,
            Self::Start(_) | Self::System { .. } => FAILURE,
            Self::Said { status, .. } => match status {
                Said::Unknown => UNKNOWN,
                Said::Busy => BUSY,
                Said::Failure => FAILURE,
            },
        }
    }
}

fn is_denied(error: &BootstrapError) -> bool {
    matches!(error.cause, BootstrapCause::NotPrivileged)
}

fn of_client(error: &ClientError) -> u8 {
    match error {
        ClientError::NoDaemon(_) => NO_DAEMON,
        ClientError::NotPermitted | ClientError::Lock(LockError::NotPermitted) => NOT_PERMITTED,
        ClientError::Name(error) if is_denied(error) => NOT_PERMITTED,
        ClientError::Unknown(_) | ClientError::Lock(LockError::Unknown) => UNKNOWN,
        ClientError::Lock(error) if error.service_is_gone() => NO_DAEMON,
        ClientError::Lock(
            LockError::Busy { .. }
            | LockError::TimedOut
            | LockError::Already
            | LockError::ShuttingDown
            | LockError::NotReady,
        ) => BUSY,
        _ => FAILURE,
    }
}
