//! One launcher for several children.

use std::fs::File;
use std::io::Read;

use mach_ports::ReceiveRight;
use rendezvous_server::Rendezvous;

use super::{LONG, failure, output, pipe_with, setting, shell};
use crate::{Child, LaunchStep, Launcher, SettingError, Stdio};

#[test]
fn settings_are_made_one_by_one_or_chained() {
    for (is_set, expected) in [(true, "on\n"), (false, "off\n")] {
        let mut launcher = shell("echo ${SWITCH-off}");
        if is_set {
            launcher.env("SWITCH", "on");
        }
        assert_eq!(output(&mut launcher), expected);
    }
}

#[test]
fn settings_stay_and_may_change_in_between() {
    let mut launcher = shell("echo $A $0 $1; pwd -P");
    launcher.arg("zero").env("A", "a").current_dir("/");
    for _ in 0..2 {
        assert_eq!(output(&mut launcher), "a zero\n/\n");
    }
    launcher.arg("one").env("A", "b");
    assert_eq!(output(&mut launcher), "b zero one\n/\n");
    // Nor does a failure change any.
    launcher.current_dir("/no/such/directory");
    assert_eq!(failure(&mut launcher).step(), LaunchStep::CurrentDirectory);
    launcher.current_dir("/");
    assert_eq!(output(&mut launcher), "b zero one\n/\n");
    // The last of several counts, though one before made no sense.
    launcher.base_id("a/b");
    assert_eq!(failure(&mut launcher).step(), LaunchStep::Server);
    launcher.base_id("tests.launcher.mended");
    assert_eq!(output(&mut launcher), "b zero one\n/\n");
}

#[test]
fn each_child_has_a_copy_of_the_descriptors() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut launcher = shell("echo out; echo extra >&5");
    launcher.stdout(writer.try_clone().unwrap()).fd(5, writer);
    for _ in 0..2 {
        let child = launcher.spawn().unwrap();
        assert!(child.wait().unwrap().success());
    }
    // The launcher has some too, without which there would be an end already.
    drop(launcher);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "out\nextra\n".repeat(2));

    // The same open file, where the one before has left it.
    let mut launcher = shell("read line <&3; echo $line");
    launcher.fd(3, pipe_with(b"a\nb\n"));
    assert_eq!(output(&mut launcher), "a\n");
    assert_eq!(output(&mut launcher), "b\n");
}

#[test]
fn each_child_has_pipes_of_its_own() {
    let mut launcher = shell("cat");
    launcher.stdin(Stdio::Pipe).stdout(Stdio::Pipe);
    let mut children = [(); 2].map(|()| launcher.spawn().unwrap());
    for child in &mut children {
        drop(child.stdin.take());
        let mut text = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        assert_eq!(stdout.read_to_string(&mut text).unwrap(), 0);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_further_child_is_not_launched_without_the_ports() {
    let [sent, moved] = [(); 2].map(|()| ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let mut launcher = shell("true");
    launcher
        .base_id("tests.launcher.reuse")
        .port(1, sent.make_send().unwrap())
        .port(2, moved);
    ends_unasked(&launcher.spawn().unwrap());
    assert!(to_moved.is_dead());

    let error = failure(&mut launcher);
    let gone = (error.step(), setting(&error));
    assert_eq!(
        gone,
        (LaunchStep::Ports, &SettingError::PortMoved { key: 1 })
    );
    launcher.port(1, sent.make_send().unwrap());
    let error = failure(&mut launcher);
    assert_eq!(setting(&error), &SettingError::PortMoved { key: 2 });
    assert!(!sent.status().unwrap().has_senders);

    let moved = ReceiveRight::new().unwrap();
    let child = launcher
        .port(1, sent.make_send().unwrap())
        .port(2, moved)
        .spawn()
        .unwrap();
    ends_unasked(&child);
    // No copy is left in the launcher.
    assert!(!sent.status().unwrap().has_senders);
    drop(launcher);
}

/// Waits for a child that does not ask for its ports, until these are released.
fn ends_unasked(child: &Child) {
    assert!(child.wait().unwrap().success());
    let fate = child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
}

#[test]
fn trying_again_takes_new_ports() {
    let port = ReceiveRight::new().unwrap();
    let mut launcher = Launcher::new("/bin/sh");
    launcher
        .args(["-c", "exit 0"])
        .fd(1, File::open("/dev/null").unwrap())
        .base_id("tests.launcher.again")
        .port(1, port.make_send().unwrap());
    let error = failure(&mut launcher);
    assert_eq!(error.step(), LaunchStep::Descriptor(1));
    assert!(!port.status().unwrap().has_senders);
    let error = failure(&mut launcher);
    assert_eq!(setting(&error), &SettingError::PortMoved { key: 1 });
}
