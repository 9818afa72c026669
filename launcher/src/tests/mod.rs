//! Children that are the shell: what they were given and what they were not.

mod descriptors;
mod failures;
mod given;
mod ports;
mod process;
mod reuse;

use std::borrow::BorrowMut;
use std::io::{Read, Write};
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
    let mut child = launcher.borrow_mut().stdout(Stdio::Pipe).spawn().unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{text}");
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
