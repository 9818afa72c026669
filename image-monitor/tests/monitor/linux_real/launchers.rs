//! Processes whose launcher is stopped or killed: with it all their monitors.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use image_monitor::{Event, ImageMonitor, MonitorOptions};
use launcher::{Child, Launcher, Stdio};
use nix::sys::signal::{Signal, raise};

use crate::LONG;

/// Says to this executable that it is a launcher, and what becomes of it once the program waits for it.
const FATE: &str = "IMAGE_MONITOR_TEST_FATE";

/// The launcher; nothing, if this process is none.
#[test]
fn launcher() {
    let Some(fate) = std::env::var_os(FATE) else {
        return;
    };
    let signal = if fate == "stopped" {
        Signal::SIGSTOP
    } else {
        Signal::SIGKILL
    };
    // Of one that is killed it is not the deadline that lets the program go.
    let deadline = if signal == Signal::SIGSTOP {
        Duration::from_millis(200)
    } else {
        2 * LONG
    };
    let options = MonitorOptions::new().deadline(deadline);
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let _child = Launcher::new("sh")
        .args(["-c", "echo went on"])
        .env_remove(FATE)
        // The test's output is hidden by the harness; this is not.
        .stdout(Stdio::File(nix::unistd::dup(std::io::stderr()).unwrap()))
        .image_monitor(&monitor)
        .spawn()
        .unwrap();
    let notice = notices.next_timeout(LONG).unwrap();
    assert!(matches!(notice.event(), Event::Load(_)));
    raise(signal).unwrap();
    // Nobody has it go on.
    std::mem::forget(notice);
}

/// A launcher of a program that waits, which comes to this end.
fn launcher_that_is(fate: &str) -> (Child, BufReader<std::io::PipeReader>) {
    let mut launcher = Launcher::new(std::env::current_exe().unwrap())
        .args(["--exact", "linux_real::launchers::launcher", "--nocapture"])
        .env(FATE, fate)
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .stderr(Stdio::Pipe)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let said = launcher.stderr.take().unwrap();
    (launcher, BufReader::new(said))
}

/// Waits until the program has gone on, which is long before the deadline of one that is killed.
fn goes_on(said: &mut impl BufRead) {
    let begun = Instant::now();
    let mut lines = said.lines().map(|line| line.unwrap());
    assert!(lines.any(|line| line == "went on"));
    assert!(begun.elapsed() < LONG);
}

#[test]
fn a_launcher_that_is_stopped_is_late_like_any_monitor() {
    let (launcher, mut said) = launcher_that_is("stopped");
    goes_on(&mut said);
    launcher.kill().unwrap();
}

#[test]
fn a_launcher_that_is_killed_is_waited_for_no_longer() {
    let (launcher, mut said) = launcher_that_is("killed");
    goes_on(&mut said);
    let status = launcher.wait_timeout(LONG).unwrap().unwrap();
    assert!(!status.success());
}
