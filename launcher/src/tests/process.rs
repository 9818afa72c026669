//! A child's place among processes, and its end.

use std::time::Duration;

use super::{LONG, shell};
use crate::Stdio;

#[test]
fn a_new_process_group_is_led_by_the_child() {
    // It reads until its standard input is closed.
    let mut launcher = shell("cat");
    launcher.stdin(Stdio::Pipe);
    let plain = launcher.spawn().unwrap();
    let leader = launcher.process_group(0).spawn().unwrap();
    let group = |pid| nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(pid))).unwrap();
    assert_eq!(group(plain.id()), nix::unistd::getpgrp());
    assert_eq!(group(leader.id()).as_raw(), leader.id());
    for mut child in [plain, leader] {
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_child_can_be_polled_awaited_and_killed() {
    let child = shell("exec sleep 600").spawn().unwrap();
    assert!(child.try_wait().unwrap().is_none());
    assert!(
        child
            .wait_timeout(Duration::from_millis(1))
            .unwrap()
            .is_none()
    );
    let event = child.exit_event();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| child.wait().unwrap());
        child.kill().unwrap();
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(waiter.join().unwrap().signal(), Some(libc::SIGKILL));
    });
    assert!(event.has_occurred());
    assert_eq!(
        child.kill().unwrap_err().kind(),
        std::io::ErrorKind::InvalidInput
    );
    assert!(child.try_wait().unwrap().is_some());
    assert!(child.wait_timeout(LONG).unwrap().is_some());
}
