//! Children that are the shell: what they were given and what they were not.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mach_ports::ReceiveRight;
use rendezvous_server::{CollectionError, MAX_PORTS, Rendezvous, RendezvousServer};

use crate::{BaseId, Child, LaunchCause, LaunchError, LaunchStep, Launcher, SettingError, Stdio};

const LONG: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Launcher {
    Launcher::new("/bin/sh")
        .args(["-c", script])
        .stdin(Stdio::Null)
}

/// What a child writes to its standard output, once it has exited with success.
fn output(launcher: Launcher) -> String {
    let mut child = launcher.stdout(Stdio::Pipe).spawn().unwrap();
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

fn failure(launcher: Launcher) -> LaunchError {
    match launcher.spawn() {
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

#[test]
fn arguments_and_environment_arrive() {
    let launcher = shell("echo \"$0 $1 $A ${HOME-none} $MACH_RENDEZVOUS_SERVER_PID\"")
        .args(["zero", "one two"])
        .env("A", "b=c")
        .env_remove("HOME");
    assert_eq!(
        output(launcher),
        format!("zero one two b=c none {}\n", std::process::id())
    );
}

#[test]
fn a_cleared_environment_has_the_rendezvous_alone() {
    let launcher = Launcher::new("/usr/bin/env")
        .env("GONE", "1")
        .env_clear()
        .env("A", "1");
    let expected = format!("A=1\nMACH_RENDEZVOUS_SERVER_PID={}\n", std::process::id());
    assert_eq!(output(launcher), expected);
}

#[test]
fn a_childs_variables_are_about_its_own_parent() {
    // As if this process had been launched itself, and told its child to look
    // where it looks.
    let launcher = shell("env | grep ^MACH_RENDEZVOUS")
        .env("MACH_RENDEZVOUS_BASE_ID", "grandparent")
        .env("MACH_RENDEZVOUS_SERVER_PID", "1")
        .env("MACH_RENDEZVOUS_PORT", "bootstrap")
        .base_id("tests.launcher.own");
    let text = output(launcher);
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    let pid = format!("MACH_RENDEZVOUS_SERVER_PID={}", std::process::id());
    assert_eq!(lines, ["MACH_RENDEZVOUS_BASE_ID=tests.launcher.own", &pid]);
}

#[test]
fn a_bare_name_is_searched_for() {
    assert_eq!(output(Launcher::new("echo").arg("found")), "found\n");
}

#[test]
fn the_directory_is_the_childs() {
    assert_eq!(output(shell("pwd -P").current_dir("/")), "/\n");
}

#[test]
fn streams_are_pipes_files_and_null() {
    let mut child = shell("cat; echo error >&2")
        .stdin(Stdio::Pipe)
        .stdout(Stdio::Pipe)
        .stderr(Stdio::Pipe)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"through").unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((&*out, &*err), ("through", "error\n"));
    assert!(child.wait().unwrap().success());

    assert_eq!(output(shell("cat").stdin(Stdio::Null)), "");
    assert_eq!(output(shell("cat").stdin(pipe_with(b"file"))), "file");
}

/// A pipe's reading end with these bytes in it, and no writer.
fn pipe_with(bytes: &[u8]) -> std::io::PipeReader {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(bytes).unwrap();
    reader
}

#[test]
fn descriptors_have_their_numbers() {
    let launcher = shell("cat <&4; cat <&9; cat <&3")
        .fd(9, pipe_with(b"nine "))
        .fd(3, pipe_with(b"three"))
        .fd(4, pipe_with(b"four "));
    assert_eq!(output(launcher), "four nine three");
}

#[test]
fn descriptors_may_change_places() {
    // Each one's number is the other's target.
    let (a, b) = (pipe_with(b"a"), pipe_with(b"b"));
    let (a_number, b_number) = (a.as_raw_fd(), b.as_raw_fd());
    // The shell's redirections know one digit: cat reads by name.
    let script = format!("cat /dev/fd/{a_number} /dev/fd/{b_number}");
    assert_eq!(output(shell(&script).fd(a_number, b).fd(b_number, a)), "ba");
    // And one that is already where it is to be loses its close-on-exec flag.
    let c = pipe_with(b"c");
    let number = c.as_raw_fd();
    assert_eq!(
        output(shell(&format!("cat /dev/fd/{number}")).fd(number, c)),
        "c"
    );
}

#[test]
fn the_largest_number_that_is_offered_can_be_had() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // More than enough for these tests. Where the limit is in the millions the
    // launch would take long: it closes all numbers in between.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, soft.min(4096), hard).unwrap();
    let null = || File::open("/dev/null").unwrap();
    let error = failure(shell("true").fd(i32::MAX, null()));
    let SettingError::OutOfRange { max } = *setting(&error) else {
        panic!("{error:?}");
    };
    let script = format!("[ -e /dev/fd/{max} ] && echo there");
    assert_eq!(output(shell(&script).fd(max, null())), "there\n");
}

#[test]
fn nothing_else_is_open_in_the_child() {
    // Not close-on-exec: as descriptors are that C code opens.
    let leaky = File::open("/dev/null").unwrap();
    let copies: Vec<OwnedFd> = (0..3).map(|_| inheritable(&leaky)).collect();
    let highest = copies.iter().map(AsRawFd::as_raw_fd).max().unwrap();
    let script = format!(
        "for fd in $(seq 3 {}); do [ -e /dev/fd/$fd ] && echo $fd; done; true",
        highest + 20
    );
    // The shell opens none itself for this.
    let passed = highest + 10;
    let launcher = shell(&script).fd(passed, File::open("/dev/null").unwrap());
    assert_eq!(output(launcher), format!("{passed}\n"));
}

fn inheritable(file: &File) -> OwnedFd {
    use std::os::fd::FromRawFd;
    // SAFETY: duplicates an open descriptor; the result is nobody else's.
    unsafe {
        let copy = libc::dup(file.as_raw_fd());
        assert!(copy >= 0);
        OwnedFd::from_raw_fd(copy)
    }
}

#[test]
fn a_new_process_group_is_led_by_the_child() {
    // It reads until its standard input is closed.
    let launcher = || shell("cat").stdin(Stdio::Pipe);
    let (plain, leader) = (
        launcher().spawn().unwrap(),
        launcher().new_process_group().spawn().unwrap(),
    );
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

#[test]
fn a_program_that_is_not_there_is_named_with_the_errno() {
    let error = failure(Launcher::new("/no/such/program"));
    assert_eq!(error.program(), "/no/such/program");
    assert_eq!(error.step(), LaunchStep::Spawn);
    assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
    assert_eq!(
        error.to_string(),
        "cannot launch /no/such/program: executing it"
    );

    let error = failure(Launcher::new("/dev/null"));
    assert_eq!(
        (error.step(), error.raw_os_error()),
        (LaunchStep::Spawn, Some(libc::EACCES))
    );
}

#[test]
fn a_directory_that_is_none_is_the_step_that_failed() {
    let error = failure(shell("true").current_dir("/no/such/directory"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOENT)));
    let error = failure(shell("true").current_dir(""));
    assert_eq!(error.step(), LaunchStep::CurrentDirectory);
    let error = failure(shell("true").current_dir("/dev/null"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOTDIR)));
    let error = failure(Launcher::new("true").current_dir("/dev/null"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOTDIR)));
    // The program's fault, though there is a directory.
    let error = failure(Launcher::new("/no/such/program").current_dir("/"));
    assert_eq!(error.step(), LaunchStep::Spawn);
}

#[test]
fn what_no_child_can_have_is_refused() {
    let null = || File::open("/dev/null").unwrap();
    let error = failure(shell("true").fd(1, null()));
    assert_eq!(
        (error.step(), setting(&error)),
        (LaunchStep::Descriptor(1), &SettingError::StandardStream)
    );
    let error = failure(shell("true").fd(5, null()).fd(5, null()));
    assert_eq!(
        (error.step(), setting(&error)),
        (LaunchStep::Descriptor(5), &SettingError::Collision)
    );
    let error = failure(shell("true").env("A=B", ""));
    assert_eq!(error.step(), LaunchStep::Environment);
    let error = failure(shell("true").arg("a\0b"));
    assert_eq!(error.step(), LaunchStep::Arguments);
    let error = failure(shell("true").base_id("a/b"));
    assert_eq!(error.step(), LaunchStep::Server);
}

#[test]
fn a_failed_launch_releases_the_ports() {
    let (sent, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let error = failure(
        Launcher::new("/no/such/program")
            .base_id("tests.launcher.failed")
            .port(1, sent.make_send().unwrap())
            .port(2, moved),
    );
    assert_eq!(error.step(), LaunchStep::Spawn);
    assert!(!sent.status().unwrap().has_senders);
    assert!(to_moved.is_dead());
}

#[test]
fn too_many_ports_are_refused_before_the_spawn() {
    let port = ReceiveRight::new().unwrap();
    let launcher = (0..=MAX_PORTS as u32).fold(shell("true"), |launcher, key| {
        launcher.port(key, port.make_send().unwrap())
    });
    let error = failure(launcher);
    assert_eq!(error.step(), LaunchStep::Ports);
    let too_many = LaunchCause::Collection(CollectionError::TooManyPorts);
    assert_eq!(error.cause().to_string(), too_many.to_string());
    assert!(!port.status().unwrap().has_senders);
}

#[test]
fn a_child_that_never_asks_has_exited_first() {
    let server = RendezvousServer::new(&BaseId::new("tests.launcher.silent").unwrap()).unwrap();
    let port = ReceiveRight::new().unwrap();
    let child: Child = shell("exit 3")
        .server(&server)
        .port(1, port.make_send().unwrap())
        .spawn()
        .unwrap();
    let fate = child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(!port.status().unwrap().has_senders);
    // Without ports there is nothing to tell.
    let child = shell("true").spawn().unwrap();
    assert!(child.rendezvous().is_none());
    assert!(child.wait().unwrap().success());
}
