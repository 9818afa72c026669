use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::RawFd;

#[cfg(feature = "image-monitor")]
use image_monitor::{AttachError, Unwatchable};
use mach_ports::dispatch::DispatchError;
use rendezvous_server::{BaseIdError, CollectionError, ServerError};
#[cfg(feature = "sandbox")]
use sandbox::EnterError;

use crate::error::SettingError;

/// A child that was not launched: which program, at which step, and why.
///
/// No process is left behind, and the rights that it would have got are
/// released.
#[derive(thiserror::Error)]
#[error("cannot launch {}: {step}", program.display())]
pub struct LaunchError {
    program: OsString,
    step: LaunchStep,
    source: Box<LaunchCause>,
}

impl LaunchError {
    pub(crate) fn new(program: &OsStr, step: LaunchStep, cause: impl Into<LaunchCause>) -> Self {
        Self {
            program: program.to_owned(),
            step,
            source: Box::new(cause.into()),
        }
    }

    /// The program as it was given.
    #[must_use]
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// What was being done.
    #[must_use]
    pub fn step(&self) -> LaunchStep {
        self.step
    }

    /// Why it failed.
    #[must_use]
    pub fn cause(&self) -> &LaunchCause {
        &self.source
    }

    /// The `errno` of the call that failed, if it was a system call.
    #[must_use]
    pub fn raw_os_error(&self) -> Option<i32> {
        match &*self.source {
            LaunchCause::Os(error) | LaunchCause::NoRoom { source: error, .. } => {
                error.raw_os_error()
            }
            _ => None,
        }
    }
}

/// The steps of a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchStep {
    /// Checking the program's name and arguments.
    #[error("its arguments")]
    Arguments,
    /// Checking and composing the environment.
    #[error("its environment")]
    Environment,
    /// Collecting the ports.
    #[error("its ports")]
    Ports,
    /// Making the rendezvous server.
    #[error("the rendezvous server")]
    Server,
    /// Making the server the child's bootstrap port.
    #[error("its bootstrap port")]
    BootstrapPort,
    /// Having its images watched. A process that was there has been killed.
    #[error("its image monitors")]
    ImageMonitors,
    /// Opening what stands for standard input, output or error.
    #[error("standard stream {0}")]
    Stdio(RawFd),
    /// Preparing the descriptor that the child gets under this number.
    #[error("descriptor {0}")]
    Descriptor(RawFd),
    /// Describing the child to the system.
    #[error("setting up the spawn")]
    Setup,
    /// Preparing to lock the child up by a profile.
    #[error("locking it up")]
    Lock,
    /// Entering the child's current directory.
    #[error("its current directory")]
    CurrentDirectory,
    /// Creating the process and executing the program.
    #[error("executing it")]
    Spawn,
    /// Watching the process for its exit. It has been killed.
    #[error("watching it")]
    Watch,
}

/// Why a step failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LaunchCause {
    /// A system call failed.
    #[error(transparent)]
    Os(#[from] io::Error),
    /// A Mach call failed.
    #[error(transparent)]
    Mach(#[from] mach_ports::Error),
    /// This process could not send so many ports: it has as many descriptors as it may have. Its hard limit
    /// (`RLIMIT_NOFILE`) must be higher, or less be open. Only on Linux.
    #[error("no descriptors are left to send {ports} of them with: raise the limit, or close some")]
    NoRoom {
        /// How many ports the child was to have.
        ports: usize,
        /// What the system said.
        source: io::Error,
    },
    /// There is no queue to watch the process on.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
    /// The launcher was given something that no child can have.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The base id is not valid.
    #[error(transparent)]
    BaseId(#[from] BaseIdError),
    /// The ports do not make a collection.
    #[error(transparent)]
    Collection(#[from] CollectionError),
    /// No agent can be in the program, so its images cannot be watched.
    #[cfg(feature = "image-monitor")]
    #[error(transparent)]
    Unwatchable(#[from] Unwatchable),
    /// A monitor is in use, or is one too many, or could not be set up.
    #[cfg(feature = "image-monitor")]
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// The profile cannot be imposed: this system cannot do all of it, or a path is not there.
    #[cfg(feature = "sandbox")]
    #[error(transparent)]
    Profile(#[from] EnterError),
    /// There is no server to register with.
    #[error(transparent)]
    Server(#[from] ServerError),
}

mach_ports::debug_with_causes!(LaunchError, LaunchCause);
