//! The client, with a server in this process itself.

use std::time::Duration;

use mach_ports::{Message, ReceiveOptions, ReceiveRight, RightKind, SendOptions};
use rendezvous_server::{BaseId, PortCollection, RendezvousPort, RendezvousServer};

use crate::{
    ConnectError, ConnectOptions, PeerPolicy, PeerRequirement, RendezvousClient, TakeError, key,
};

const LONG: Duration = Duration::from_secs(60);
const SEND: u32 = key(b"send");
const ONCE: u32 = key(b"once");
const RECEIVE: u32 = key(b"rcve");

fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

fn base_id(test: &str) -> BaseId {
    BaseId::new(format!("tests.client.{test}")).unwrap()
}

fn options(test: &str) -> ConnectOptions {
    ConnectOptions::new()
        .base_id(base_id(test))
        .server_pid(own_pid())
        .deadline(LONG)
}

/// A server on which `ports` wait for this process.
fn server(test: &str, ports: Vec<(u32, RendezvousPort)>) -> RendezvousServer {
    let server = RendezvousServer::new(&base_id(test)).unwrap();
    let mut collection = PortCollection::new();
    for (key, port) in ports {
        collection.insert(key, port).unwrap();
    }
    collection.set_additional_data(b"data".to_vec()).unwrap();
    server.lock().register(own_pid(), collection).unwrap();
    server
}

#[test]
fn rights_of_all_kinds_are_taken_by_key() {
    let (port, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    // What is queued moves with the receive right.
    Message::new(5)
        .send(&to_moved, &SendOptions::new())
        .unwrap();
    let server = server(
        "kinds",
        vec![
            (SEND, port.make_send().unwrap().into()),
            (ONCE, port.make_send_once().unwrap().into()),
            (RECEIVE, moved.into()),
        ],
    );
    let client = RendezvousClient::connect(&options("kinds")).unwrap();
    assert_eq!(client.bootstrap_name(), server.bootstrap_name());
    assert_eq!(client.additional_data(), b"data");
    assert_eq!(
        (client.port_count(), client.keys()),
        (3, vec![ONCE, RECEIVE, SEND])
    );

    let send = client.take_send(SEND).unwrap().unwrap();
    assert_eq!(send.name(), port.name());
    let once = client.take_send_once(ONCE).unwrap().unwrap();
    Message::new(6)
        .send_once(once, &SendOptions::new())
        .unwrap();
    assert_eq!(
        port.receive(&ReceiveOptions::new().timeout(LONG))
            .unwrap()
            .id(),
        6
    );
    let received = client.take_receive(RECEIVE).unwrap().unwrap();
    assert_eq!(
        received
            .receive(&ReceiveOptions::new().timeout(LONG))
            .unwrap()
            .id(),
        5
    );

    assert_eq!((client.port_count(), client.keys()), (0, vec![]));
    assert!(client.take_send(SEND).unwrap().is_none());
}

#[test]
fn the_wrong_kind_is_left_in_place() {
    let port = ReceiveRight::new().unwrap();
    let _server = server("wrong", vec![(SEND, port.make_send().unwrap().into())]);
    let client = RendezvousClient::connect(&options("wrong")).unwrap();
    let wrong = |expected| TakeError::WrongKind {
        key: SEND,
        expected,
        found: RightKind::Send,
    };
    assert_eq!(
        client.take_receive(SEND).unwrap_err(),
        wrong(RightKind::Receive)
    );
    assert_eq!(
        client.take_send_once(SEND).unwrap_err(),
        wrong(RightKind::SendOnce)
    );
    assert!(client.take_send(ONCE).unwrap().is_none());
    assert!(client.take_send(SEND).unwrap().is_some());
}

#[test]
fn a_dead_port_is_told_from_none() {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    drop(port);
    let _server = server("dead", vec![(SEND, right.into())]);
    let client = RendezvousClient::connect(&options("dead")).unwrap();
    for _ in 0..2 {
        assert_eq!(
            client.take_send(SEND).unwrap_err(),
            TakeError::Dead { key: SEND }
        );
    }
}

#[test]
fn what_is_not_taken_is_destroyed() {
    let (port, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let ports = vec![
        (SEND, port.make_send().unwrap().into()),
        (RECEIVE, moved.into()),
    ];
    let _server = server("untaken", ports);
    let client = RendezvousClient::connect(&options("untaken")).unwrap();
    assert!(port.status().unwrap().has_senders);
    drop(client);
    assert!(!port.status().unwrap().has_senders);
    assert!(to_moved.is_dead());
}

#[test]
fn a_process_without_ports_gets_none() {
    let _server = RendezvousServer::new(&base_id("none")).unwrap();
    let client = RendezvousClient::connect(&options("none")).unwrap();
    assert_eq!(client.port_count(), 0);
    assert!(client.additional_data().is_empty());
}

#[test]
fn a_name_that_nobody_has_is_named_in_the_error() {
    match RendezvousClient::connect(&options("nobody")) {
        Err(ConnectError::LookUp { name, .. }) => {
            assert_eq!(name, base_id("nobody").bootstrap_name(own_pid()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_is_busy_is_not_waited_for_longer_than_said() {
    let server = server("busy", vec![]);
    let guard = server.lock();
    let short = options("busy").deadline(Duration::from_millis(20));
    let refused = RendezvousClient::connect(&short);
    assert!(
        matches!(refused, Err(ConnectError::DeadlineExceeded { .. })),
        "{refused:?}"
    );
    drop(guard);
}

#[test]
fn requirements_on_the_server_go_by_policy() {
    for (policy, given) in [
        (PeerPolicy::None, true),
        (PeerPolicy::ValidateOnly, true),
        (PeerPolicy::Enforce, false),
    ] {
        let port = ReceiveRight::new().unwrap();
        let _server = server("policies", vec![(SEND, port.make_send().unwrap().into())]);
        let never = PeerRequirement::predicate(|_| false);
        let client = RendezvousClient::connect(&options("policies").require(never, policy));
        assert_eq!(client.is_ok(), given, "{policy:?}");
        match client {
            Ok(client) => assert_eq!(client.port_count(), 1),
            Err(error) => {
                assert!(matches!(error, ConnectError::Requirement(_)), "{error:?}");
                assert!(!port.status().unwrap().has_senders);
            }
        }
    }
    let _server = server("met", vec![]);
    let parent = PeerRequirement::All(vec![
        PeerRequirement::SameUser,
        PeerRequirement::Pid(own_pid()),
        PeerRequirement::Executable(std::env::current_exe().unwrap()),
    ]);
    RendezvousClient::connect(&options("met").require(parent, PeerPolicy::Enforce)).unwrap();
}
