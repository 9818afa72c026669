//! Children that are run to their end.

use std::io::{Read, Write};
use std::process::Output;
use std::sync::mpsc;
use std::thread;

use nix::unistd::Pid;

use super::{LONG, shell};
use crate::{LaunchStep, Launcher, RunError, Stdio};

/// More than any pipe holds.
const MIB: usize = 1 << 20;

/// Fails the test if the child cannot come to its end.
fn in_time(run: impl FnOnce() -> Output + Send + 'static) -> Output {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(run()));
    receiver.recv_timeout(LONG).unwrap()
}

#[test]
fn output_is_collected_whichever_pipe_fills_first() {
    let zeros = format!("head -c {MIB} /dev/zero");
    for script in [
        format!("{zeros}; {zeros} >&2"),
        format!("{zeros} >&2; {zeros}"),
        format!("{zeros} & {zeros} >&2; wait"),
    ] {
        let output = in_time(move || shell(&script).output().unwrap());
        assert!(output.status.success());
        assert_eq!((output.stdout.len(), output.stderr.len()), (MIB, MIB));
    }
}

#[test]
fn input_is_closed_before_output_is_awaited() {
    let output = in_time(|| {
        let mut launcher = shell("cat; echo done >&2");
        launcher.stdin(Stdio::Pipe).stdout(Stdio::Pipe);
        let child = launcher.stderr(Stdio::Pipe).spawn().unwrap();
        child.stdin.as_ref().unwrap().write_all(b"through").unwrap();
        child.wait_with_output().unwrap()
    });
    assert_eq!(output.stdout, b"through");
    assert_eq!(output.stderr, b"done\n");
}

#[test]
fn what_is_no_pipe_is_not_collected() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut launcher = shell("echo out; echo err >&2; exit 3");
    let output = launcher.stderr(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &[][..]));
    drop(launcher);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "err\n");
    // Its own standard input is empty, whatever the parent's is.
    let mut launcher = Launcher::new("cat");
    assert_eq!(in_time(move || launcher.output().unwrap()).stdout, b"");
}

#[test]
fn a_status_is_waited_for() {
    let mut launcher = shell("read line || exit 5");
    assert_eq!(launcher.status().unwrap().code(), Some(5));
    assert_eq!(
        launcher.stdin(Stdio::Pipe).status().unwrap().code(),
        Some(5)
    );
}

#[test]
fn who_is_not_launched_and_who_is_lost_are_errors() {
    let error = Launcher::new("/no/such/program").output().unwrap_err();
    let RunError::Launch(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.step(), LaunchStep::Spawn);

    let child = shell("true").stdout(Stdio::Pipe).spawn().unwrap();
    nix::sys::wait::waitpid(Pid::from_raw(child.id()), None).unwrap();
    let error = child.wait_with_output().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ECHILD));
}
