//! A parent without descriptors to spare: a launch fails, or its child is told. Nobody believes that there are no ports.

use launcher::Launcher;
use rendezvous_client::{ConnectError, Denial};
use rendezvous_tests::peer::Peer;

/// More than a launch with two ports takes.
const ENOUGH: usize = 40;

/// A peer with few descriptors, that has launched before.
fn parent() -> Peer {
    let mut launcher = Launcher::new("/bin/sh");
    launcher.args([
        "-c",
        "ulimit -n 100; exec \"$0\" -",
        env!("CARGO_BIN_EXE_peer"),
    ]);
    let mut parent = Peer::start(launcher);
    let launched = parent.ask("launch port both");
    assert!(launched.starts_with("launched "), "{launched}");
    assert_eq!(parent.ask("connect"), "connected 2");
    end_child(&mut parent);
    parent
}

fn end_child(parent: &mut Peer) {
    parent.tell("exit 0");
    assert_eq!(parent.line(), "ended with exit status: 0");
}

#[test]
fn a_launch_fails_where_the_ports_could_not_be_sent() {
    let mut parent = parent();
    let (mut failed, mut launched) = (0, 0);
    for left in 0..ENOUGH {
        assert_eq!(parent.ask(&format!("leave-fds {left}")), "taken");
        let answer = parent.ask("launch port both");
        if answer.starts_with("launched ") {
            launched += 1;
            assert_eq!(parent.ask("connect"), "connected 2", "with {left} left");
            end_child(&mut parent);
        } else {
            failed += 1;
            // It says what is short, in some words.
            assert!(
                [
                    "descriptors",
                    "os error 24",
                    "resource shortage",
                    "no msg buffer"
                ]
                .iter()
                .any(|words| answer.contains(words)),
                "with {left} left: {answer}"
            );
        }
    }
    assert!(failed > 0 && launched > 0, "{failed} {launched}");
}

#[test]
fn a_child_whose_server_cannot_send_is_told() {
    let mut parent = parent();
    let denied = [Denial::Undelivered, Denial::Unidentified]
        .map(|reason| format!("refused {:?}", ConnectError::Denied { reason }));
    let (mut told, mut connected) = (0, 0);
    for left in 0..ENOUGH {
        let launched = parent.ask(&format!("launch-leaving {left} port both"));
        assert!(launched.starts_with("launched "), "{launched}");
        let answer = parent.ask("connect");
        if answer == "connected 2" {
            connected += 1;
        } else {
            told += 1;
            // Without a single one the server cannot even take what it would answer by, and the child sees no more.
            let dropped = answer.ends_with("or is short of descriptors");
            assert!(
                denied.contains(&answer) || dropped,
                "with {left} left: {answer}"
            );
        }
        end_child(&mut parent);
    }
    assert!(told > 0 && connected > 0, "{told} {connected}");
}
