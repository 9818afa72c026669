//! Programs, launched under the agent, and monitors of theirs.

mod agent;
mod launch;
mod monitor;
mod programs;

use std::time::Duration;

pub(crate) use agent::LIBRARY;
pub(crate) use launch::{Child, Launched, launch, launch_with, plainly, run};
pub(crate) use monitor::{Monitor, Seen, Shown};
pub(crate) use programs::{folder, library, program, program_with};

/// How long anything may take on a machine that is busy with something else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
