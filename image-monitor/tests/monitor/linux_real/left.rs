//! What a watch leaves behind: nothing. It is counted in a process of its own.

use image_monitor::{Event, ImageMonitor, MonitorOptions};
use launcher::{Launcher, Stdio};
use mach_ports::census;

use crate::{LONG, eventually};

/// Says to this executable that it is to be counted in.
const COUNTED: &str = "IMAGE_MONITOR_TEST_COUNTED";

fn held() -> [usize; 3] {
    let entries = |folder| std::fs::read_dir(folder).unwrap().count();
    let names = census::names().unwrap().len();
    [entries("/proc/self/fd"), entries("/proc/self/task"), names]
}

fn round() {
    let (first, notices) = ImageMonitor::queue(MonitorOptions::new()).unwrap();
    let second = ImageMonitor::new(|_| {}).unwrap();
    let child = Launcher::new("true")
        .image_monitor(&first)
        .image_monitor(&second)
        .spawn()
        .unwrap();
    let mut events = notices.map(image_monitor::Notice::answer);
    assert!(events.any(|event| matches!(event, Event::Exit(_))));
    assert!(child.wait().unwrap().success());
    let third = ImageMonitor::new(|_| {}).unwrap();
    let failed = Launcher::new("/no/such/program")
        .image_monitor(&third)
        .spawn();
    assert!(failed.is_err());
}

/// What is held once it has not changed for a while.
fn quiet() -> [usize; 3] {
    let (mut last, mut times) = (held(), 0);
    eventually("quiet", || {
        let now = held();
        times = if now == last { times + 1 } else { 0 };
        last = now;
        times > 50
    });
    last
}

/// The rounds; nothing, if this process is not for that.
#[test]
fn rounds() {
    if std::env::var_os(COUNTED).is_none() {
        return;
    }
    round();
    let before = quiet();
    for _ in 0..20 {
        round();
    }
    eventually("as much as before", || held() == before);
}

#[test]
fn descriptors_threads_and_rights_are_what_they_were() {
    let child = Launcher::new(std::env::current_exe().unwrap())
        .args(["--exact", "linux_real::left::rounds"])
        .env(COUNTED, "1")
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    assert!(child.wait_timeout(2 * LONG).unwrap().unwrap().success());
}
