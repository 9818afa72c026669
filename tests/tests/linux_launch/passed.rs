//! The child's own way to its server.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use launcher::{Launcher, RendezvousServer};
use mach_ports::ReceiveRight;
use rendezvous_tests::events::{next, server};
use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;
use tempfile::TempDir;

/// Where the embedded Mach keeps its names, if it is told.
const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";
/// What tells a child of the descriptor that it is passed.
const VARIABLE: &str = "EMBEDDED_MACH_PASSED_PORT";
const PORT: u32 = rendezvous_client::key(b"port");

/// A peer that waits for commands, and the port that it finds under [`PORT`].
fn start(server: &RendezvousServer, launcher: &mut Launcher) -> (Peer, ReceiveRight) {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let peer = Peer::start(launcher.server(server).port(PORT, right));
    (peer, port)
}

/// What the variable says: whose child it is for, the descriptor, and which socket that is.
fn passed(peer: &mut Peer) -> [u64; 3] {
    let answer = peer.ask(&format!("env {VARIABLE}"));
    let value = answer.strip_prefix("is ").expect("the variable is set");
    let numbers: Vec<_> = value.split(':').map(|n| n.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

#[test]
fn a_child_needs_no_name_to_find_its_server() {
    let server = server("nameless");
    // It looks elsewhere, where nothing is and nothing can be made.
    let (mut child, port) = start(
        &server,
        peer!["-"].env_clear().env(DIRECTORY, "/proc/nowhere"),
    );
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("name"), server.bootstrap_name().unwrap());
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 7"), "sent");
    assert_eq!(next(&port).id(), 7);
    // It was good for once: the next time it is the name that is looked for.
    let refused = child.ask("connect");
    assert!(refused.contains("cannot look up"), "{refused}");
    child.finish();
}

#[test]
fn the_variable_and_the_descriptor_do_not_outlive_their_use() {
    let server = server("first-use");
    let (mut child, _port) = start(&server, &mut peer!["-"]);
    let parent = u64::from(std::process::id());
    let [whose, number, _] = passed(&mut child);
    assert_eq!((whose, number), (parent, 3));
    assert_eq!(child.ask("fds"), "0 1 2 3");
    assert_eq!(child.ask("allocate any"), "allocated");
    // By any Mach call: from now on nothing that it starts has them.
    assert_eq!(child.ask(&format!("env {VARIABLE}")), "is not set");
    assert_eq!(child.ask("fds"), "0 1 2");
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

#[test]
fn each_child_has_an_end_of_its_own() {
    let server = server("own-ends");
    let mut children: Vec<_> = (0..3).map(|_| start(&server, &mut peer!["-"])).collect();
    let mut sockets: Vec<_> = children
        .iter_mut()
        .map(|(child, _)| passed(child)[2])
        .collect();
    sockets.sort_unstable();
    sockets.dedup();
    assert_eq!(sockets.len(), children.len());
    for (child, _) in &mut children {
        assert_eq!(child.ask("connect"), "connected 1");
    }
    for (child, _) in children {
        child.finish();
    }
}

#[test]
fn a_grandchild_does_not_speak_where_its_parent_does() {
    let server = server("grandchild");
    let (mut child, _port) = start(&server, &mut peer!["-"]);
    // Nothing has been used yet: whom it starts has the descriptor and the variable.
    let spawned = child.ask("spawn");
    assert!(spawned.starts_with("spawned "), "{spawned}");
    assert_eq!(child.ask("fds"), "0 1 2 3");
    passed(&mut child);
    // Asked by the name it knows nothing of this process, and the descriptor is closed.
    assert_eq!(child.ask("connect"), "connected 0");
    assert_eq!(child.ask("fds"), "0 1 2");
    child.tell("exit 0");
    assert_eq!(child.line(), "ended with exit status: 0");
    // The child's own end is as it was.
    assert_eq!(child.ask("fds"), "0 1 2 3");
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

#[test]
fn a_program_in_the_childs_place_is_still_the_child() {
    let server = server("replaced");
    let mut launcher = Launcher::new("/bin/sh");
    launcher.args(["-c", "exec \"$0\" -", env!("CARGO_BIN_EXE_peer")]);
    let (mut child, _port) = start(&server, launcher.env(DIRECTORY, "/proc/nowhere"));
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

#[test]
fn a_name_that_was_removed_is_there_again_with_the_next_launch() {
    let folder = folder();
    let mut parent = Peer::start(peer!["-"].env(DIRECTORY, folder.path()));
    let pid = parent.child.id();
    let name = folder.path().join(format!(
        "tests.rendezvous.peer.MachPortRendezvousServer.{pid}"
    ));
    let launch = |parent: &mut Peer| {
        let launched = parent.ask("launch port");
        assert!(launched.starts_with("launched "), "{launched}");
        assert_eq!(parent.ask("connect"), "connected 1");
        parent.tell("exit 0");
        assert_eq!(parent.line(), "ended with exit status: 0");
    };
    launch(&mut parent);
    std::fs::remove_dir_all(&name).unwrap();
    launch(&mut parent);
    assert!(name.join("port").exists());
    // It leads to the server.
    let mut stranger = Peer::start(peer!["-"].env(DIRECTORY, folder.path()));
    let connect = format!("connect base=tests.rendezvous.peer server={pid}");
    assert_eq!(stranger.ask(&connect), "connected 0");
    stranger.finish();
    parent.finish();
    assert!(!name.exists());
}

#[test]
fn what_a_program_in_between_starts_shares_no_end_of_the_bootstrap_port() {
    let server = server("between");
    let mut launcher = Launcher::new("/bin/sh");
    let script = "\"$0\" connect; \"$0\" connect; exec \"$0\" -";
    launcher.args(["-c", script, env!("CARGO_BIN_EXE_peer")]);
    let (mut child, _port) = start(&server, launcher.private_bootstrap());
    // Each makes a link of its own over the one end that the shell has, and is asked for by its own pid.
    assert_eq!(child.line(), "connected 0");
    assert_eq!(child.line(), "connected 0");
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}
