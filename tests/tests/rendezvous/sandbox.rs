//! Children whose bootstrap port is the server itself: they look nothing up, and could not.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::fs::File;

use launcher::{Rendezvous, RendezvousServer, key};
use mach_ports::ReceiveRight;
use rendezvous_tests::events::{next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

#[test]
fn a_child_needs_no_names() {
    let server = server("private");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .private_bootstrap()
            .port(PORT, port.make_send().unwrap()),
    );
    // There are no names for it, the server's included.
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert!(child.ask(&look_up).starts_with("refused"));
    let check_in = child.ask("check-in mine tests.rendezvous.private-child");
    assert!(check_in.starts_with("cannot check-in"), "{check_in}");
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("name"), "none");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 1 hello"), "sent");
    let message = next(&port);
    assert_eq!(message.audit_token().unwrap().pid(), child.child.id());
    assert_eq!(child.ask("connect"), "connected 0");
    child.tell("exit 0");
    assert!(child.end().success());
    no_senders(&port);
}

#[test]
fn a_server_needs_no_name() {
    let server = RendezvousServer::unnamed().unwrap();
    let ports = [(); 4].map(|()| ReceiveRight::new().unwrap());
    let mut children: Vec<_> = ports
        .iter()
        .map(|port| {
            Peer::start(
                peer!["-"]
                    .server(&server)
                    .port(PORT, port.make_send().unwrap())
                    .additional_data(b"data"),
            )
        })
        .collect();
    for (id, child) in (0..).zip(&mut children) {
        assert_eq!(child.ask("instance"), "connected 1");
        assert_eq!(child.ask("name"), "none");
        assert_eq!(child.ask("data"), "4 bytes, sum 410");
        assert_eq!(child.ask("take send port"), "taken");
        assert_eq!(child.ask(&format!("send port {id}")), "sent");
    }
    for (id, (port, child)) in (0..).zip(ports.iter().zip(children)) {
        let message = next(port);
        assert_eq!(message.id(), id);
        assert_eq!(message.audit_token().unwrap().pid(), child.child.id());
        child.finish();
    }
}

#[test]
fn a_sandboxed_child_has_helpers_of_its_own() {
    let server = RendezvousServer::unnamed().unwrap();
    let port = ReceiveRight::new().unwrap();
    let mut middle = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    assert_eq!(middle.ask("connect"), "connected 1");
    let launched = middle.ask("launch-unnamed port both");
    assert!(launched.starts_with("launched "), "{launched}");
    let grandchild = &mut middle;
    assert_eq!(grandchild.ask("connect"), "connected 2");
    assert_eq!(grandchild.ask("take send both"), "taken");
    assert_eq!(grandchild.ask("send both 7 hello"), "sent");
    grandchild.tell("exit 0");
    assert_eq!(middle.line(), "ended with exit status: 0");
    assert_eq!(middle.ask("receive both"), "received 7 hello");
    assert_eq!(middle.ask("take send port"), "taken");
    assert_eq!(middle.ask("send port 8"), "sent");
    assert_eq!(next(&port).id(), 8);
    middle.finish();
}

#[test]
fn what_a_sandboxed_child_spawns_gets_nothing() {
    let server = RendezvousServer::unnamed().unwrap();
    let port = ReceiveRight::new().unwrap();
    let mut middle = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    let spawned = middle.ask("spawn");
    assert!(spawned.starts_with("spawned "), "{spawned}");
    // Whether it inherits the bootstrap port is the system's affair; it is not the process that is registered.
    let answer = middle.ask("connect");
    assert!(
        answer == "connected 0" || answer.starts_with("refused "),
        "{answer}"
    );
    middle.tell("exit 0");
    assert_eq!(middle.line(), "ended with exit status: 0");
    assert!(matches!(
        middle.child.rendezvous(),
        Some(Rendezvous::Pending)
    ));
    assert_eq!(middle.ask("connect"), "connected 1");
    middle.finish();
}

#[test]
fn descriptors_and_the_bootstrap_port_do_not_meet() {
    let server = RendezvousServer::unnamed().unwrap();
    let null = || File::open("/dev/null").unwrap();
    // Whatever number the bootstrap port may be passed by, it is none of these, nor left open.
    for numbers in [&[3, 4, 5][..], &[4], &[]] {
        let mut launcher = peer!["-"];
        for &number in numbers {
            launcher.fd(number, null());
        }
        let mut child = Peer::start(launcher.server(&server).additional_data(b"data"));
        assert_eq!(child.ask("connect"), "connected 0");
        assert_eq!(child.ask("data"), "4 bytes, sum 410");
        let expected: Vec<_> = (0..3)
            .chain(numbers.iter().copied())
            .map(|number| number.to_string())
            .collect();
        assert_eq!(child.ask("fds"), expected.join(" "));
        child.finish();
    }
}

#[test]
fn a_server_that_is_gone_is_noticed_at_once() {
    let mut middle = Peer::start(peer!["-"]);
    let launched = middle.ask("launch-unnamed port");
    assert!(launched.starts_with("launched "), "{launched}");
    // Its parent dies with the server before it asks.
    middle.child.kill().unwrap();
    middle.end();
    let refused = middle.ask("connect");
    assert!(refused.starts_with("refused "), "{refused}");
    middle.tell("exit 0");
    middle.silence();
}

#[test]
fn a_child_that_never_asks_leaves_nothing_with_an_unnamed_server() {
    let server = RendezvousServer::unnamed().unwrap();
    let port = ReceiveRight::new().unwrap();
    let child = Peer::start(
        peer!["exit 42"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    let fate = child.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
    assert!(!port.status().unwrap().has_senders);
    assert_eq!(child.end().code(), Some(42));
}
