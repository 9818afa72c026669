//! Short commands of the configuration, which are waited for.

use std::time::Duration;

use launcher::{Launcher, Stdio};

use crate::settings::{Command, Place};

/// A lock waits for them, so they have no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A child of a volume's command, in a process group of its own.
pub(super) fn launcher(command: &Command, place: Place<'_>) -> Launcher {
    let mut launcher = Launcher::new(command.program());
    launcher
        .args(command.arguments(place))
        .env("VOLWATCH_ROOT", place.root)
        .env("VOLWATCH_UUID", place.id.to_string())
        .env("VOLWATCH_NAME", place.name)
        .stdin(Stdio::Null)
        .process_group(0);
    launcher
}

/// Runs a command to its end. What goes wrong is logged.
pub(super) fn run(command: &Command, place: Place<'_>) {
    let (program, id) = (command.program(), place.id);
    let child = match launcher(command, place).kill_on_drop(true).spawn() {
        Ok(child) => child,
        Err(error) => return tracing::warn!(%id, program, ?error, "a command was not run"),
    };
    match child.wait_timeout(PATIENCE) {
        Ok(Some(status)) if status.success() => tracing::debug!(%id, program, "a command was run"),
        Ok(Some(status)) => tracing::warn!(%id, program, %status, "a command has failed"),
        Ok(None) => tracing::warn!(%id, program, "a command does not end: it is killed"),
        Err(error) => tracing::warn!(%id, program, %error, "a command was lost"),
    }
}
