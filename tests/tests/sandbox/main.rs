//! Helpers that are locked up, and those that should be.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

#[cfg(target_os = "linux")]
mod linux;
mod rendezvous;
mod work;

use std::process::Output;

use launcher::{Launcher, Profile};

/// The program `locked`, which does as these commands say.
fn locked(commands: &[&str]) -> Launcher {
    let mut launcher = Launcher::new(env!("CARGO_BIN_EXE_locked"));
    launcher.args(commands);
    launcher
}

/// Whether this system can do all of a profile; which tests are left out otherwise, and why, is said.
fn can(profile: &Profile) -> bool {
    let missing = profile.missing();
    for missing in &missing {
        eprintln!("not tested: this system cannot lock {missing}");
    }
    missing.is_empty()
}

fn can_lock_up() -> bool {
    can(&Profile::ports_only())
}

fn can_have_helpers() -> bool {
    can(&Profile::ports_only().start_processes())
}

/// What it says, line by line.
fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(str::to_owned).collect()
}

/// Both ways to lock `locked` up so strictly: by itself, and by its launcher.
fn both(commands: &[&str]) -> [Launcher; 2] {
    let mut imposed = locked(commands);
    imposed.profile(Profile::ports_only());
    let entering: Vec<_> = ["--enter"].iter().chain(commands).copied().collect();
    [locked(&entering), imposed]
}
