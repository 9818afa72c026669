//! What the unit tests of Chromium's `MachPortRendezvous` state, in the terms of this framework.

use std::process::Command;

use launcher::{PeerPolicy, PeerRequirement, Refusal, Rendezvous, RendezvousPort, key};
use mach_ports::census;
use mach_ports::ffi::port::{
    MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
};
use mach_ports::{Disposition, ReceiveRight, SendRight};
use rendezvous_client::{ConnectError, Denial};
use rendezvous_server::{PortCollection, Unmet};
use rendezvous_tests::events::{dead, next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");
const POLICIES: [PeerPolicy; 3] = [
    PeerPolicy::None,
    PeerPolicy::ValidateOnly,
    PeerPolicy::Enforce,
];

#[test]
fn a_send_right_goes_round() {
    let server = server("send");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    assert_eq!(child.ask("instance"), "connected 1");
    assert_eq!(child.ask("keys"), "port");
    assert_eq!(Some(&*child.ask("name")), server.bootstrap_name());
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 1735356260 good"), "sent");

    let message = next(&port);
    assert_eq!(message.id().to_be_bytes(), *b"good");
    assert_eq!(message.body(), b"good");
    assert_eq!(message.audit_token().unwrap().pid(), child.child.id());
    let fate = child.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
    child.finish();
    no_senders(&port);
}

#[test]
fn a_child_that_is_not_registered_gets_zero_ports() {
    let server = server("zero");
    // By the launcher, and by hand: that child knows its parent's pid only.
    for launcher in [
        peer!["-"].server(&server),
        peer!["-"].base_id(server.base_id().as_str()),
    ] {
        let mut child = Peer::start(launcher);
        assert_eq!(child.ask("connect"), "connected 0");
        assert_eq!(child.ask("take send port"), "nothing");
        assert_eq!(child.ask("instance"), "connected 0");
        child.finish();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_peer"))
        .arg(format!("connect base={}", server.base_id()))
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"connected 0\n");
}

#[test]
fn what_no_child_fetches_is_cleaned_up() {
    let server = server("cleanup");
    let port = ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    let mut guard = server.lock();
    let mut child = Command::new(env!("CARGO_BIN_EXE_peer"))
        .arg("exit 42")
        .spawn()
        .unwrap();
    let pid = child.id().cast_signed();
    let registration = guard.register_spawned(pid, collection).unwrap();
    assert_eq!(guard.pending().collect::<Vec<_>>(), [(pid, vec![PORT])]);
    drop(guard);
    assert_eq!(child.wait().unwrap().code(), Some(42));

    assert!(matches!(registration.wait(LONG), Rendezvous::ExitedFirst));
    assert_eq!(server.lock().pending().count(), 0);
    assert!(!port.status().unwrap().has_senders);
}

/// How the port of each row is made and registered, and what its name denotes once the child died without it: the
/// exact type, and the references to the send right.
const DESTROYED: [(bool, Disposition, u32, u32); 6] = [
    (true, Disposition::MoveReceive, MACH_PORT_TYPE_DEAD_NAME, 0),
    (true, Disposition::MoveSend, MACH_PORT_TYPE_RECEIVE, 0),
    (true, Disposition::CopySend, SEND_AND_RECEIVE, 1),
    (true, Disposition::MakeSend, SEND_AND_RECEIVE, 1),
    (false, Disposition::MakeSend, MACH_PORT_TYPE_RECEIVE, 0),
    (true, Disposition::MakeSendOnce, SEND_AND_RECEIVE, 1),
];
const SEND_AND_RECEIVE: u32 = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

#[test]
fn ports_are_destroyed_by_disposition() {
    let server = server("destroy");
    for (with_send_right, disposition, type_, send_rights) in DESTROYED {
        let port = ReceiveRight::new().unwrap();
        let right = with_send_right.then(|| port.make_send().unwrap().into_raw());
        let name = port.into_raw();
        // SAFETY: the rights were given up just now. One that is moved is not used again, the others stay until the
        // child has died.
        let waiting = unsafe { RendezvousPort::from_raw(name, disposition) }.unwrap();
        let child = Peer::start(peer!["exit 42"].server(&server).port(PORT, waiting));
        let fate = child.child.wait_rendezvous(LONG);
        assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
        assert_eq!(child.end().code(), Some(42));

        let case = format!("{disposition:?}, a send right before: {with_send_right}");
        let entry = census::entry(name).unwrap().unwrap();
        assert_eq!(entry.bits, type_, "{case}");
        let found = if entry.is_send() { entry.references } else { 0 };
        assert_eq!(found, send_rights, "{case}");
        // SAFETY: what was not moved is owned again, to be released; so is the dead name that is left of a send
        // right whose port was moved.
        unsafe {
            if right.is_some() && disposition != Disposition::MoveSend {
                drop(SendRight::from_raw(name));
            }
            if disposition != Disposition::MoveReceive {
                drop(ReceiveRight::from_raw(name));
            }
        }
        assert_eq!(census::entry(name).unwrap(), None, "{case}");
    }
}

#[test]
fn a_wrong_name_is_no_server() {
    let server = server("right-name");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    let refused = child.ask("connect base=tests.rendezvous.totally-fake");
    let name = format!(
        "tests.rendezvous.totally-fake.MachPortRendezvousServer.{}",
        std::process::id()
    );
    assert!(refused.starts_with("refused cannot look up "), "{refused}");
    assert!(refused.contains(&name), "{refused}");
    assert!(refused.contains("BOOTSTRAP_UNKNOWN_SERVICE"), "{refused}");
    // The ports wait on.
    assert!(matches!(
        child.child.rendezvous(),
        Some(Rendezvous::Pending)
    ));
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

#[test]
fn the_server_demands_something_of_the_client_that_it_meets() {
    let server = server("client-met");
    for policy in POLICIES {
        let port = ReceiveRight::new().unwrap();
        let requirement = PeerRequirement::All(vec![
            PeerRequirement::predicate(|_| true),
            PeerRequirement::SameUser,
            PeerRequirement::Executable(env!("CARGO_BIN_EXE_peer").into()),
        ]);
        let mut child = Peer::start(
            peer!["-"]
                .server(&server)
                .port(PORT, port.make_send().unwrap())
                .require(requirement, policy),
        );
        assert_eq!(child.ask("connect"), "connected 1", "{policy:?}");
        assert_eq!(child.ask("take send port"), "taken");
        assert_eq!(child.ask("send port 1"), "sent");
        assert_eq!(next(&port).id(), 1);
        child.finish();
    }
}

#[test]
fn the_server_demands_something_of_the_client_that_it_fails() {
    let server = server("client-failed");
    for policy in POLICIES {
        let (port, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
        let to_moved = moved.make_send().unwrap();
        let mut child = Peer::start(
            peer!["-"]
                .server(&server)
                .port(PORT, port.make_send().unwrap())
                .port(key(b"rcve"), moved)
                .require(PeerRequirement::predicate(|_| false), policy),
        );
        let answer = child.ask("connect");
        let fate = child.child.wait_rendezvous(LONG);
        if policy == PeerPolicy::Enforce {
            let reason = Denial::Requirement;
            let expected = ConnectError::Denied { reason };
            assert_eq!(answer, format!("refused {expected:?}"));
            assert!(
                matches!(
                    fate,
                    Some(Rendezvous::Refused(Refusal::Requirement(Unmet::Predicate)))
                ),
                "{fate:?}"
            );
            // Refused ports are released while the child lives.
            no_senders(&port);
            dead(&to_moved);
        } else {
            assert_eq!(answer, "connected 2", "{policy:?}");
            assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
        }
        child.finish();
    }
}

#[test]
fn the_client_demands_something_of_the_server_that_it_meets() {
    let server = server("server-met");
    let (pid, program) = (std::process::id(), std::env::current_exe().unwrap());
    for requirement in [
        "always".to_owned(),
        "user".to_owned(),
        format!("pid:{pid}"),
        format!("executable:{}", program.display()),
    ] {
        for policy in POLICIES {
            let port = ReceiveRight::new().unwrap();
            let mut child = Peer::start(
                peer!["-"]
                    .server(&server)
                    .port(PORT, port.make_send().unwrap()),
            );
            let connect = format!("connect require={requirement} policy={policy:?}");
            assert_eq!(child.ask(&connect), "connected 1", "{connect}");
            assert_eq!(child.ask("take send port"), "taken");
            assert_eq!(child.ask("send port 1"), "sent");
            assert_eq!(next(&port).id(), 1);
            // Once more: a met requirement brings no ports to whom none are left.
            assert_eq!(child.ask(&connect), "connected 0", "{connect}");
            child.finish();
        }
    }
}

#[test]
fn the_client_demands_something_of_the_server_that_it_fails() {
    let server = server("server-failed");
    let pid = Unmet::Pid {
        expected: 1,
        found: std::process::id().cast_signed(),
    };
    let executable = Unmet::Executable {
        expected: std::fs::canonicalize("/bin/sh").unwrap(),
        found: std::env::current_exe().unwrap(),
    };
    for (requirement, unmet) in [
        ("never", Unmet::Predicate),
        ("pid:1", pid),
        ("executable:/bin/sh", executable),
    ] {
        for policy in POLICIES {
            let (port, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
            let to_moved = moved.make_send().unwrap();
            let mut child = Peer::start(
                peer!["-"]
                    .server(&server)
                    .port(PORT, port.make_send().unwrap())
                    .port(key(b"rcve"), moved),
            );
            let connect = format!("connect require={requirement} policy={policy:?}");
            let answer = child.ask(&connect);
            if policy == PeerPolicy::Enforce {
                let refused = ConnectError::Requirement(unmet.clone());
                assert_eq!(answer, format!("refused {refused:?}"), "{connect}");
                // What had come is released while the child lives.
                no_senders(&port);
                dead(&to_moved);
            } else {
                assert_eq!(answer, "connected 2", "{connect}");
            }
            child.finish();
        }
    }
}
