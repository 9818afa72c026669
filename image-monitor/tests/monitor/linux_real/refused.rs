//! What cannot be watched because of where it runs, and as whom.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use image_monitor::{
    Event, ExitCause, ImageMonitor, MonitorOptions, MonitorState, Program, Unwatchable,
};
use launcher::{LaunchCause, Launcher};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::LONG;
use crate::fake::recording;

/// Says to this executable that it has no `/proc`.
const WITHOUT_PROC: &str = "IMAGE_MONITOR_TEST_WITHOUT_PROC";

/// The launcher without `/proc`; nothing, if this process has one.
#[test]
fn without_proc() {
    if std::env::var_os(WITHOUT_PROC).is_none() {
        return;
    }
    assert!(!Path::new("/proc/self").exists());
    let (monitor, _heard) = recording();
    let refused = Launcher::new("true")
        .image_monitor(&monitor)
        .spawn()
        .unwrap_err();
    let LaunchCause::Unwatchable(Unwatchable::NoProc { path, .. }) = refused.cause() else {
        panic!("{refused}");
    };
    assert!(path.ends_with("true"));
    assert_eq!(monitor.state(), MonitorState::Idle);

    let options = MonitorOptions::new().allow_unwatched(true);
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let output = Launcher::new("sh")
        .args(["-c", "echo out; echo err >&2"])
        .image_monitor(&monitor)
        .output()
        .unwrap();
    // The loader has nothing to complain of.
    assert_eq!(
        (&*output.stdout, &*output.stderr),
        (&b"out\n"[..], &b"err\n"[..])
    );
    let notice = notices.next_timeout(LONG).unwrap();
    assert_eq!(notice.event(), &Event::Exit(ExitCause::NeverAttached));
}

#[test]
fn without_proc_nothing_is_launched_that_would_go_unwatched() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "linux_real::refused::without_proc"])
        .env(WITHOUT_PROC, "1");
    let is_root = nix::unistd::geteuid().is_root();
    // SAFETY: the closure makes system calls only.
    unsafe {
        command.pre_exec(move || {
            let user = if is_root {
                CloneFlags::empty()
            } else {
                CloneFlags::CLONE_NEWUSER
            };
            unshare(CloneFlags::CLONE_NEWNS | user)?;
            // What happens to the mounts here happens nowhere else.
            let none = None::<&str>;
            mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)?;
            mount(none, "/proc", Some("tmpfs"), MsFlags::empty(), none)?;
            Ok(())
        })
    };
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => {
            println!("skipped: this user cannot take /proc away from a process ({error})")
        }
    }
}

/// Its loader opens the agent even if its user may execute the program and not read it, which closes most of `/proc` to others.
#[test]
fn a_program_of_another_user_is_watched() {
    const USER: u32 = 23_456;
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root launches programs as another user");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("true");
    fs::copy("/bin/true", &path).unwrap();
    for mode in [0o755, 0o711] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let (monitor, heard) = recording();
        let output = Launcher::new(&path)
            .uid(USER)
            .gid(USER)
            .image_monitor(&monitor)
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
        assert_eq!(heard.recv_timeout(LONG), Ok(Event::Main));
    }
}

/// Says to this executable that it is to act for another user.
const ACTING: &str = "IMAGE_MONITOR_TEST_ACTING";

/// A process that acts for another user than its own; nothing, if this process is none.
#[test]
fn acting_for_another() {
    if std::env::var_os(ACTING).is_none() {
        return;
    }
    let other = nix::unistd::Uid::from_raw(23_456);
    nix::unistd::seteuid(other).unwrap();
    let error = Program::new("/bin/true").check_watchable().unwrap_err();
    assert!(matches!(error, Unwatchable::Privileged { .. }), "{error}");
    // Who is that user altogether is watched.
    let altogether = Program {
        user: Some(other.as_raw()),
        ..Program::new("/bin/true")
    };
    altogether.check_watchable().unwrap();
}

#[test]
fn a_launcher_that_acts_for_another_user_watches_nothing() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root acts for another user");
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "linux_real::refused::acting_for_another"])
        .env(ACTING, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
