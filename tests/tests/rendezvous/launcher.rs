//! What a launched child is given, what becomes of a launch that fails, and how a child is minded.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use launcher::{LaunchStep, Launcher, Rendezvous, Stdio, key};
use mach_ports::ReceiveRight;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use rendezvous_protocol::DEFAULT_BASE_ID;
use rendezvous_server::MAX_ADDITIONAL_DATA;
use rendezvous_tests::events::{dead, next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

/// A pipe's reading end, with these bytes in it and no writer.
fn pipe_with(bytes: &[u8]) -> OwnedFd {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(bytes).unwrap();
    reader.into()
}

#[test]
fn a_child_has_what_it_was_given_and_nothing_else() {
    let server = server("given");
    let port = ReceiveRight::new().unwrap();
    // As C code opens descriptors: without close-on-exec.
    // SAFETY: makes a descriptor that is nobody else's.
    let stray = unsafe { OwnedFd::from_raw_fd(libc::dup(2)) };
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap())
            .env_clear()
            .env("GIVEN", "value")
            .arg0("-peer")
            .current_dir("/")
            .process_group(0)
            .fd(100, pipe_with(b"hundred"))
            .fd(3, pipe_with(b"three"))
            .fd(7, pipe_with(b"seven")),
    );
    // Before that it has a way to the server as well, on Linux.
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("fds"), "0 1 2 3 7 100");
    for (number, text) in [(3, "three"), (7, "seven"), (100, "hundred")] {
        assert_eq!(child.ask(&format!("read {number}")), text);
    }
    assert_eq!(child.ask("env GIVEN"), "is value");
    assert_eq!(child.ask("env PATH"), "is not set");
    assert_eq!(child.ask("arg0"), "-peer");
    assert_eq!(child.ask("cwd"), "/");
    assert_eq!(child.ask("group"), "leader");
    child.finish();
    drop(stray);
}

#[test]
fn the_standard_streams_are_as_they_were_set() {
    let mut child = peer!["read 0", "group"]
        .stdin(Stdio::File(pipe_with(b"input")))
        .stdout(Stdio::Pipe)
        .stderr(Stdio::Null)
        .spawn()
        .unwrap();
    let mut output = String::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_string(&mut output).unwrap();
    assert_eq!(output, "input\nmember\n");
    assert!(child.stdin.is_none() && child.stderr.is_none());
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());

    let (mut reader, writer) = std::io::pipe().unwrap();
    let child = peer!["complain loudly"]
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .stderr(writer)
        .spawn()
        .unwrap();
    let mut errors = String::new();
    reader.read_to_string(&mut errors).unwrap();
    assert_eq!(errors, "loudly\n");
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());
}

const NOWHERE: &str = "no-such-program-on-the-path";

/// What becomes of looking for it: it may be in a folder that this user may not enter.
fn not_on_the_path() -> i32 {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_closed = |folder: PathBuf| {
        let looked = std::fs::metadata(folder.join(NOWHERE));
        looked.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    if std::env::split_paths(&path).any(is_closed) {
        libc::EACCES
    } else {
        libc::ENOENT
    }
}

#[test]
fn a_failed_launch_keeps_the_errno_and_releases_the_rights() {
    let server = server("failed");
    let folder = tempfile::tempdir().unwrap();
    let launchers: [(Launcher, i32); 6] = [
        (Launcher::new("/no/such/program"), libc::ENOENT),
        (Launcher::new("/dev/null/program"), libc::ENOTDIR),
        // Not for a shell to guess at.
        (Launcher::new(no_program(folder.path())), libc::ENOEXEC),
        (Launcher::new(NOWHERE), not_on_the_path()),
        (Launcher::new("/"), libc::EACCES),
        // More than any system passes.
        (peer!["x".repeat(64 << 20)], libc::E2BIG),
    ];
    for (mut launcher, errno) in launchers {
        let [sent, bell, moved] = [(); 3].map(|()| ReceiveRight::new().unwrap());
        let to_moved = moved.make_send().unwrap();
        // Numbers that whatever the system uses to report the failure may have.
        for number in 3..40 {
            launcher.fd(number, File::open("/dev/null").unwrap());
        }
        let error = launcher
            .server(&server)
            .port(1, sent.make_send().unwrap())
            .port(2, bell.make_send_once().unwrap())
            .port(3, moved)
            .spawn()
            .unwrap_err();
        assert_eq!(
            (error.step(), error.raw_os_error()),
            (LaunchStep::Spawn, Some(errno)),
            "{error:?}"
        );
        assert!(!sent.status().unwrap().has_senders);
        assert!(next(&bell).notification().is_some());
        dead(&to_moved);
        assert_eq!(server.lock().pending().count(), 0);
    }
    // The server is as good as before.
    Peer::start(peer!["connect"].server(&server)).finish();
}

/// A file that may be executed, and cannot. Another process writes it: one that is open for writing here, or in what
/// another test is about to start, is an error of its own.
fn no_program(folder: &Path) -> PathBuf {
    let file = folder.join("no-program");
    let written = Command::new("/bin/sh")
        .args(["-c", "echo exit >\"$0\" && chmod +x \"$0\""])
        .arg(&file)
        .status();
    assert!(written.unwrap().success());
    file
}

#[test]
fn what_cannot_be_registered_is_not_launched() {
    let server = server("refused");
    let port = ReceiveRight::new().unwrap();
    let mut launcher = peer!["cwd"];
    launcher.server(&server);
    let twice = |launcher: &mut Launcher| {
        launcher.port(PORT, port.make_send().unwrap());
    };
    let too_much = |launcher: &mut Launcher| {
        launcher.additional_data(vec![0; MAX_ADDITIONAL_DATA + 1]);
    };
    for refuse in [&twice as &dyn Fn(&mut Launcher), &too_much] {
        refuse(launcher.port(PORT, port.make_send().unwrap()));
        let error = launcher.spawn().unwrap_err();
        assert_eq!(error.step(), LaunchStep::Ports, "{error:?}");
        assert!(!port.status().unwrap().has_senders);
    }
}

#[test]
fn one_launcher_gives_each_child_its_own_ports() {
    let server = server("reused");
    let mut launcher = peer!["-"];
    launcher.server(&server).additional_data(b"data");
    let ports = [(); 3].map(|()| ReceiveRight::new().unwrap());
    let mut children = ports
        .each_ref()
        .map(|port| Peer::start(launcher.port(PORT, port.make_send().unwrap())));
    let error = launcher.spawn().unwrap_err();
    assert_eq!(error.step(), LaunchStep::Ports, "{error:?}");
    for (id, (child, port)) in children.iter_mut().zip(&ports).enumerate() {
        assert_eq!(child.ask("connect"), "connected 1");
        assert_eq!(child.ask("data"), "4 bytes, sum 410");
        assert_eq!(child.ask("take send port"), "taken");
        assert_eq!(child.ask(&format!("send port {id}")), "sent");
        let message = next(port);
        assert_eq!(message.audit_token().unwrap().pid(), child.child.id());
    }
    for (child, port) in children.into_iter().zip(&ports) {
        child.finish();
        // Nor is there a right in the launcher, which is still there.
        no_senders(port);
    }
    drop(launcher);
}

#[test]
fn a_child_that_is_killed_by_its_drop_loses_its_ports() {
    let server = server("dropped");
    let (taken, untaken) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let mut launcher = peer!["-"];
    launcher.server(&server).kill_on_drop(true);
    let mut child = Peer::start(launcher.port(PORT, taken.make_send().unwrap()));
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    drop(child);
    no_senders(&taken);
    drop(Peer::start(
        launcher.port(PORT, untaken.make_send().unwrap()),
    ));
    no_senders(&untaken);
}

#[test]
fn each_child_finds_the_server_that_launched_it() {
    let (one, two) = (server("one-of-two"), server("two-of-two"));
    let port = ReceiveRight::new().unwrap();
    for server in [&one, &two] {
        let mut child = Peer::start(
            peer!["-"]
                .server(server)
                .port(PORT, port.make_send().unwrap()),
        );
        assert_eq!(child.ask("connect"), "connected 1");
        assert_eq!(Some(&*child.ask("name")), server.bootstrap_name());
        child.finish();
    }
}

#[test]
fn without_settings_the_process_has_one_server() {
    let port = ReceiveRight::new().unwrap();
    let name = format!(
        "{DEFAULT_BASE_ID}.MachPortRendezvousServer.{}",
        std::process::id()
    );
    for _ in 0..2 {
        let mut child = Peer::start(peer!["-"].port(PORT, port.make_send().unwrap()));
        assert_eq!(child.ask("instance"), "connected 1");
        assert_eq!(child.ask("name"), name);
        child.finish();
    }
}

#[test]
fn a_child_is_waited_for_with_a_deadline() {
    let child = Peer::start(peer!["-"]);
    let short = Duration::from_millis(20);
    assert!(child.child.wait_timeout(Duration::ZERO).unwrap().is_none());
    assert!(child.child.wait_timeout(short).unwrap().is_none());
    assert!(child.child.try_wait().unwrap().is_none());
    let event = child.child.exit_event();
    assert!(!event.has_occurred());
    assert!(!event.wait_timeout(short));
    let (early, callbacks) = mpsc::channel();
    let late = early.clone();
    event.notify(move || early.send("early").unwrap());
    std::thread::scope(|scope| {
        // Several may wait for one child.
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(child.child.wait().unwrap().code(), Some(7)));
        }
        let stdin = child.child.stdin.as_ref().unwrap();
        (&*stdin).write_all(b"exit 7\n").unwrap();
    });
    assert_eq!(callbacks.recv_timeout(LONG), Ok("early"));
    assert!(event.has_occurred());
    event.notify(move || late.send("late").unwrap());
    assert_eq!(callbacks.try_recv(), Ok("late"));
    assert_eq!(child.end().code(), Some(7));
    let signalled = child.child.signal(libc::SIGTERM);
    assert_eq!(
        signalled.unwrap_err().kind(),
        std::io::ErrorKind::InvalidInput
    );
}

#[test]
fn a_child_is_signalled_and_killed() {
    let mut child = Peer::start(peer!["-"]);
    assert_eq!(child.ask("cwd"), child_directory());
    child.child.signal(libc::SIGTERM).unwrap();
    assert_eq!(child.end().signal(), Some(libc::SIGTERM));
    // Killed while it is stopped, as a debugger may have left it.
    let child = Peer::start(peer!["-"]);
    child.child.signal(libc::SIGSTOP).unwrap();
    child.child.kill().unwrap();
    assert_eq!(child.end().signal(), Some(libc::SIGKILL));
}

fn child_directory() -> String {
    std::env::current_dir().unwrap().display().to_string()
}

#[test]
fn a_child_that_nobody_minds_gets_its_ports_all_the_same() {
    let server = server("unminded");
    let port = ReceiveRight::new().unwrap();
    let child = peer!["connect", "take send port", "send port 1"]
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .server(&server)
        .port(PORT, port.make_send().unwrap())
        .spawn()
        .unwrap();
    let pid = child.id();
    drop(child);
    assert_eq!(next(&port).audit_token().unwrap().pid(), pid);
    no_senders(&port);
    let status = waitpid(Pid::from_raw(pid), None).unwrap();
    assert_eq!(status, WaitStatus::Exited(Pid::from_raw(pid), 0));
}

#[test]
fn a_child_starts_with_no_signal_blocked_unless_it_is_to_inherit_them() {
    let blocked = nix::sys::signal::SigSet::from(Signal::SIGTERM);
    std::thread::spawn(move || {
        blocked.thread_block().unwrap();
        let mut launcher = peer!["-"];
        let child = Peer::start(&mut launcher);
        child.child.signal(libc::SIGTERM).unwrap();
        assert_eq!(child.end().signal(), Some(libc::SIGTERM));

        let mut child = Peer::start(launcher.inherit_signal_mask(true));
        child.child.signal(libc::SIGTERM).unwrap();
        assert_eq!(child.ask("env GIVEN"), "is not set");
        child.finish();
    })
    .join()
    .unwrap();
}

#[test]
fn a_relative_program_is_found_from_here() {
    // Both relative to this process's directory, not to the child's.
    let program = Path::new(env!("CARGO_BIN_EXE_peer"));
    let here = std::env::current_dir().unwrap();
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    let relative = up.join(program.strip_prefix("/").unwrap());
    assert!(relative.is_relative());
    let mut child = Peer::start(Launcher::new(&relative).arg("-").current_dir("/"));
    assert_eq!(child.ask("cwd"), "/");
    child.finish();
}

#[test]
fn launches_do_not_pass_on_each_others_descriptors() {
    // A pipe that a concurrently launched child inherited would not come to its end.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let mut child = Peer::start(peer!["-"]);
                    assert!(child.child.stdout.as_ref().unwrap().as_raw_fd() > 2);
                    assert_eq!(child.ask("fds"), "0 1 2");
                    drop(child.child.stdin.take());
                    child.silence();
                    assert!(child.end().success());
                }
            });
        }
    });
}

#[test]
fn a_rendezvous_is_waited_for() {
    let server = server("awaited");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    let pending = child.child.wait_rendezvous(Duration::from_millis(10));
    assert!(matches!(pending, Some(Rendezvous::Pending)), "{pending:?}");
    child.tell("connect");
    let acquired = child.child.wait_rendezvous(LONG);
    assert!(
        matches!(acquired, Some(Rendezvous::Acquired)),
        "{acquired:?}"
    );
    assert_eq!(child.line(), "connected 1");
    child.finish();
}
