//! Tests in a process of their own.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use super::again::{again, part_in};
use super::process::{LIMIT, Process};

/// Runs a test in a process of its own, and gives that one's end; nothing in that process itself.
///
/// # Panics
/// If the test takes too long.
pub fn apart(test: &str, body: impl FnOnce()) -> Option<ExitStatus> {
    apart_for(test, LIMIT, body)
}

fn apart_for(test: &str, limit: Duration, body: impl FnOnce()) -> Option<ExitStatus> {
    if part_in(test).is_some() {
        body();
        None
    } else {
        Some(Process::start(&mut again(test, test)).wait_for(limit))
    }
}

/// Runs a test in a process of its own: nobody else takes names there.
///
/// # Panics
/// If the test fails or takes too long.
pub fn alone(test: &str, body: impl FnOnce()) {
    alone_for(test, LIMIT, body);
}

/// As [`alone`], for a test that may take so long.
///
/// # Panics
/// If the test fails or takes longer.
pub fn alone_for(test: &str, limit: Duration, body: impl FnOnce()) {
    if let Some(status) = apart_for(test, limit, body) {
        assert!(status.success(), "{test} in its own process: {status}");
    }
}

/// As [`alone`], for what a guard forbids: XNU may end a process that does it, which is as good.
///
/// # Panics
/// If the test fails or takes too long, or the process ends otherwise.
pub fn alone_against_a_guard(test: &str, body: impl FnOnce()) {
    if let Some(status) = apart(test, body) {
        let ended = cfg!(target_vendor = "apple") && status.signal() == Some(libc::SIGKILL);
        assert!(
            status.success() || ended,
            "{test} in its own process: {status}"
        );
    }
}
