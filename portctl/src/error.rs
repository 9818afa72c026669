//! What can go wrong.

use std::io;
use std::path::PathBuf;

use launcher::LaunchError;
use task_port::{AcceptError, TaskError};

/// The exit status for what is this command's own failure, as the shell has it for programs that cannot be run.
pub(crate) const FAILED: u8 = 125;

/// Why nothing (more) is shown.
#[derive(thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error("the program's port names cannot be shown")]
    TaskPort(#[from] AcceptError),
    #[error("the program's port names cannot be listed")]
    List(#[from] TaskError),
    #[error("cannot wait for the program")]
    Wait(#[source] io::Error),
    #[error("cannot write to {}", .0.display())]
    Output(PathBuf, #[source] io::Error),
    #[error("cannot write")]
    Write(#[source] io::Error),
    #[error("the program ended before the second moment")]
    EndedTooSoon,
}

mach_ports::debug_with_causes!(Failure);
