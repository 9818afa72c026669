//! The limit of descriptors, which the first Mach call raises.

use launcher::Launcher;
use rendezvous_tests::peer::Peer;

const KEEP: &str = "EMBEDDED_MACH_KEEP_DESCRIPTOR_LIMIT";

/// A peer that begins with these limits.
fn start(soft: u32, hard: u32, configure: impl FnOnce(&mut Launcher)) -> Peer {
    let script = format!("ulimit -S -n {soft}; ulimit -H -n {hard}; exec \"$0\" -");
    let mut launcher = Launcher::new("/bin/sh");
    launcher.args(["-c", &script, env!("CARGO_BIN_EXE_peer")]);
    configure(&mut launcher);
    let mut peer = Peer::start(launcher);
    assert_eq!(peer.ask("limits"), format!("{soft} {hard}"));
    peer
}

#[test]
fn the_first_use_raises_it_and_launched_children_begin_below() {
    let mut peer = start(200, 300, |_| ());
    assert_eq!(peer.ask("allocate any"), "allocated");
    assert_eq!(peer.ask("limits"), "300 300");
    let launched = peer.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    // The child is asked now.
    assert_eq!(peer.ask("limits"), "200 300");
    assert_eq!(peer.ask("connect"), "connected 1");
    assert_eq!(peer.ask("limits"), "300 300");
    peer.tell("exit 0");
    assert_eq!(peer.line(), "ended with exit status: 0");
    // What is started by other means inherits it as it is.
    let spawned = peer.ask("spawn");
    assert!(spawned.starts_with("spawned "), "{spawned}");
    assert_eq!(peer.ask("limits"), "300 300");
    peer.tell("exit 0");
    assert_eq!(peer.line(), "ended with exit status: 0");
    peer.finish();
}

#[test]
fn a_program_may_keep_it() {
    let mut peer = start(200, 300, |launcher| {
        launcher.env(KEEP, "1");
    });
    assert_eq!(peer.ask("allocate any"), "allocated");
    assert_eq!(peer.ask("limits"), "200 300");
    // Also after the fact, and it may change its mind.
    let mut peer = start(200, 300, |_| ());
    assert_eq!(peer.ask("allocate any"), "allocated");
    assert_eq!(peer.ask("raise-limit no"), "200 300");
    assert_eq!(peer.ask("raise-limit yes"), "300 300");
}

#[test]
fn what_the_program_has_set_since_is_its_own_affair() {
    let mut peer = start(200, 300, |_| ());
    assert_eq!(peer.ask("allocate any"), "allocated");
    assert_eq!(peer.ask("limit-fds 250"), "limited");
    assert_eq!(peer.ask("raise-limit no"), "250 250");
    let launched = peer.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    assert_eq!(peer.ask("limits"), "250 250");
    peer.tell("exit 0");
    assert_eq!(peer.line(), "ended with exit status: 0");
    peer.finish();
}
