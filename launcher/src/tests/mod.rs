//! Children that are the shell: what they were given and what they were not.

mod descriptors;
mod failures;
mod given;
mod output;
mod ports;
mod process;
mod reuse;

use std::borrow::BorrowMut;
use std::io::Write;
use std::time::Duration;

use crate::{LaunchCause, LaunchError, Launcher, SettingError, Stdio};

const LONG: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Launcher {
    let mut launcher = Launcher::new("/bin/sh");
    launcher.args(["-c", script]).stdin(Stdio::Null);
    launcher
}

/// What a child writes to its standard output, once it has exited with success.
fn output(mut launcher: impl BorrowMut<Launcher>) -> String {
    let output = launcher
        .borrow_mut()
        .stderr(Stdio::Inherit)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

fn failure(mut launcher: impl BorrowMut<Launcher>) -> LaunchError {
    match launcher.borrow_mut().spawn() {
        Ok(child) => panic!("{child:?}"),
        Err(error) => error,
    }
}

fn setting(error: &LaunchError) -> &SettingError {
    match error.cause() {
        LaunchCause::Setting(error) => error,
        other => panic!("{other:?}"),
    }
}

/// A pipe's reading end with these bytes in it, and no writer.
fn pipe_with(bytes: &[u8]) -> std::io::PipeReader {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(bytes).unwrap();
    reader
}
