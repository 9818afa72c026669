use std::ffi::OsString;
use std::io;

use crate::LaunchError;

/// A child that was not run to its end, as far as the parent knows.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// It was not launched.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// It was launched, but its output could not be read to the end, or somebody
    /// else has reaped it. It may still run.
    #[error("cannot wait for {}", program.display())]
    Wait {
        /// The program as it was given.
        program: OsString,
        /// What the system answered.
        source: io::Error,
    },
}

mach_ports::debug_with_causes!(RunError);
