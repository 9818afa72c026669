//! Children that run as other users, and what all processes of one user share: how many rights are in flight.

use launcher::{Launcher, key};
use mach_ports::ReceiveRight;
use rendezvous_tests::events::{next, server};
use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;

const PORT: u32 = key(b"port");
/// Nobody's.
const USER: u32 = 0x3456_7890;

/// What a peer's program must be for any user to execute it: in a folder that all may enter.
fn program() -> (tempfile::TempDir, std::path::PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), all.clone()).unwrap();
    let program = folder.path().join("peer");
    std::fs::copy(env!("CARGO_BIN_EXE_peer"), &program).unwrap();
    std::fs::set_permissions(&program, all).unwrap();
    (folder, program)
}

/// Whether this process may run others as whom it likes.
fn may() -> bool {
    let may = nix::unistd::geteuid().is_root();
    if !may {
        eprintln!("not tested: only root runs processes as other users");
    }
    may
}

#[test]
fn a_child_runs_as_another_user_and_gets_its_ports() {
    if !may() {
        return;
    }
    let (server, port) = (server("users.other"), ReceiveRight::new().unwrap());
    let (_folder, program) = program();
    let mut launcher = Launcher::new(program);
    launcher.arg("-").uid(USER).gid(USER + 1).server(&server);
    let mut child = Peer::start(launcher.port(PORT, port.make_send().unwrap()));
    assert_eq!(child.ask("user"), format!("{USER} {} 0", USER + 1));
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 7"), "sent");
    assert_eq!(next(&port).audit_token().unwrap().euid(), USER);
    child.finish();
    // This process is as open to others as before.
    let status = std::fs::metadata("/proc/self/fd").unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&status), 0);
}

#[test]
fn who_may_not_is_told() {
    if nix::unistd::geteuid().is_root() {
        return;
    }
    let refused = peer!["exit 0"].uid(USER).spawn().unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(libc::EPERM), "{refused:?}");
}

#[test]
fn rights_wait_until_others_of_the_user_have_received() {
    if !may() {
        return;
    }
    let user = USER + 2;
    let server = server("users.flight");
    let port = ReceiveRight::new().unwrap();
    let (_folder, program) = program();
    let start = |port: &ReceiveRight| {
        let mut launcher = Launcher::new(&program);
        launcher.arg("-").uid(user).gid(user).server(&server);
        let mut peer = Peer::start(launcher.port(PORT, port.make_send().unwrap()));
        assert_eq!(peer.ask("connect"), "connected 1");
        assert_eq!(peer.ask("take send port"), "taken");
        assert_eq!(peer.ask("allocate own"), "allocated");
        assert_eq!(peer.ask("limit-fds 60"), "limited");
        peer
    };
    let (mut sending, mut parking) = (start(&port), start(&port));
    assert_eq!(parking.ask("park 1000"), "parked all");
    let refused = sending.ask("try-make own port 1");
    assert!(
        refused.contains("the kernel is short of resources for rights"),
        "{refused}"
    );
    // Whether it is waiting by then or not, it is sent once there is room.
    sending.tell("make own port 2");
    assert_eq!(parking.ask("park 0"), "parked some");
    assert_eq!(sending.line(), "sent");
    assert_eq!(next(&port).id(), 2);
    sending.finish();
    parking.finish();
}
