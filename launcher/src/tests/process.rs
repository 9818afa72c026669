//! A child's place among processes, and its end.

use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::{LONG, failure, output, setting, shell};
use crate::{Child, LaunchStep, Resource, SettingError, Stdio};

#[test]
fn a_process_group_is_led_joined_or_the_parents() {
    // It reads until its standard input is closed.
    let mut launcher = shell("cat");
    launcher.stdin(Stdio::Pipe);
    let plain = launcher.spawn().unwrap();
    let leader = launcher.process_group(0).spawn().unwrap();
    let member = launcher.process_group(leader.id()).spawn().unwrap();
    assert_eq!(group(&plain), nix::unistd::getpgrp().as_raw());
    assert_eq!(group(&leader), leader.id());
    assert_eq!(group(&member), leader.id());
    end([plain, leader, member]);
}

#[test]
fn a_group_that_is_not_there_cannot_be_joined() {
    let mut launcher = shell("cat");
    let leader = launcher.process_group(0).spawn().unwrap();
    let gone = leader.id();
    assert!(leader.wait().unwrap().success());
    let error = failure(launcher.process_group(gone));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::Spawn, Some(libc::EPERM)));
}

#[test]
fn limits_are_the_childs_alone() {
    let limits = "ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc";
    let mut launcher = shell(limits);
    launcher
        .rlimit(Resource::CoreDump, 0, 0)
        .rlimit(Resource::Descriptors, 50, 60);
    assert_eq!(output(&mut launcher), "50\n60\n0\n0\n");
    assert_ne!(output(shell(limits)), "50\n60\n0\n0\n");
    launcher.rlimit(Resource::Descriptors, 60, 50);
    let error = failure(&mut launcher);
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::Spawn, Some(libc::EINVAL)));
}

#[test]
fn a_new_session_is_led_by_the_child() {
    let mut launcher = shell("cat");
    launcher.stdin(Stdio::Pipe);
    let plain = launcher.setsid(false).spawn().unwrap();
    let leader = launcher.setsid(true).spawn().unwrap();
    let told_twice = launcher.process_group(0).spawn().unwrap();
    assert_eq!(session(&plain), nix::unistd::getsid(None).unwrap().as_raw());
    for child in [&leader, &told_twice] {
        assert_eq!((session(child), group(child)), (child.id(), child.id()));
    }
    let error = failure(launcher.process_group(plain.id()));
    assert_eq!(
        (error.step(), setting(&error)),
        (LaunchStep::Setup, &SettingError::GroupOfSession)
    );
    end([plain, leader, told_twice]);
}

#[test]
fn a_child_may_be_killed_by_its_drop() {
    let mut launcher = shell("exec cat");
    launcher.stdin(Stdio::Pipe);
    let child = launcher.spawn().unwrap();
    let pid = Pid::from_raw(child.id());
    drop(child);
    // It has seen its input close, and waits to be reaped.
    assert_eq!(waitpid(pid, None), Ok(WaitStatus::Exited(pid, 0)));

    for is_stopped in [false, true] {
        let child = launcher.kill_on_drop(true).spawn().unwrap();
        let (pid, event) = (Pid::from_raw(child.id()), child.exit_event());
        if is_stopped {
            child.signal(libc::SIGSTOP).unwrap();
        }
        drop(child);
        // Neither a process nor a zombie.
        assert!(event.has_occurred());
        assert_eq!(kill(pid, None), Err(Errno::ESRCH));
        assert_eq!(waitpid(pid, None), Err(Errno::ECHILD));
    }

    // One that has been waited for is left alone: its pid may be another's.
    let child = launcher.stdin(Stdio::Null).spawn().unwrap();
    assert!(child.wait().unwrap().success());
}

fn group(child: &Child) -> i32 {
    let pid = Pid::from_raw(child.id());
    nix::unistd::getpgid(Some(pid)).unwrap().as_raw()
}

fn session(child: &Child) -> i32 {
    let pid = Pid::from_raw(child.id());
    nix::unistd::getsid(Some(pid)).unwrap().as_raw()
}

/// Lets shells end that read until their standard input is closed.
fn end<const COUNT: usize>(children: [Child; COUNT]) {
    for mut child in children {
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
