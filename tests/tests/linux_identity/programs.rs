//! A process asks for ports that only another program may have, hands the right to read the answer on, and executes that
//! program.

use std::path::PathBuf;

use launcher::{PeerPolicy, PeerRequirement, Rendezvous, RendezvousServer, key};
use mach_ports::{ReceiveRight, ReceivedMessage};
use rendezvous_client::{ConnectError, Denial};
use rendezvous_protocol::{Challenge, Confirmation, Reply, Request};
use rendezvous_server::PortCollection;
use rendezvous_tests::events::{next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

fn demanded(program: &str) -> PeerRequirement {
    PeerRequirement::Executable(PathBuf::from(program))
}

/// A peer whose ports are for a program, and the port that these lead to.
fn for_program(server: &RendezvousServer, program: &str) -> (Peer, ReceiveRight) {
    let port = ReceiveRight::new().unwrap();
    let peer = Peer::start(
        peer!["-"]
            .server(server)
            .port(PORT, port.make_send().unwrap())
            .require(demanded(program), PeerPolicy::Enforce),
    );
    (peer, port)
}

/// Gives a peer a way to the server, and a right to the heir for what that answers.
fn equip(
    peer: &mut Peer,
    helper: &RendezvousServer,
    server: &RendezvousServer,
    heir: &ReceiveRight,
) {
    let mut rights = PortCollection::new();
    rights
        .insert(key(b"repl"), heir.make_send_once().unwrap())
        .unwrap();
    let registered = helper.lock().register(peer.child.id(), rights);
    registered.unwrap();
    let (base_id, pid) = (helper.base_id(), std::process::id());
    let connected = peer.ask(&format!("connect base={base_id} server={pid}"));
    assert_eq!(connected, "connected 1");
    assert_eq!(peer.ask("take once repl"), "taken");
    let name = server.bootstrap_name().unwrap();
    assert_eq!(peer.ask(&format!("look-up server {name}")), "found");
}

/// Has a peer ask, or confirm that it has, and become `program`, before the server looks at it.
fn ask_and_become(peer: &mut Peer, server: &RendezvousServer, nonce: &str, program: &str) {
    let guard = server.lock();
    assert_eq!(peer.ask(&format!("ask-for server repl {nonce}")), "asked");
    peer.tell(&format!("exec {program}"));
    // It says so itself.
    let echo = if program.ends_with("sh") {
        "echo here"
    } else {
        "here"
    };
    assert_eq!(peer.ask(echo), "here");
    drop(guard);
}

/// Has a shell become a peer. It says so: what came before that the shell would have read.
fn become_peer(shell: &mut Peer) {
    assert_eq!(shell.ask("echo here"), "here");
    let peer = env!("CARGO_BIN_EXE_peer");
    assert_eq!(shell.ask(&format!("exec {peer} arg0 -")), peer);
}

fn challenge(message: &ReceivedMessage) -> u64 {
    match Challenge::read(message) {
        Ok(Some(challenge)) => challenge.nonce,
        other => panic!("{other:?}: {message:?}"),
    }
}

#[test]
fn who_asks_as_another_program_gets_nothing() {
    let (server, helper) = (server("identity.program"), server("identity.helper"));
    let heir = ReceiveRight::new().unwrap();
    let (mut child, port) = for_program(&server, "/bin/cat");
    equip(&mut child, &helper, &server, &heir);
    ask_and_become(&mut child, &server, "", "/bin/cat");
    let nonce = challenge(&next(&heir));
    // Who got the number is not the process that must send it back.
    let (request, own) = (Request::PortsAndData, server.send_right().unwrap());
    let message = Confirmation { request, nonce }.message();
    let reply = Reply::read(message.call(&own, LONG).unwrap()).unwrap();
    assert!(reply.ports.is_empty(), "{reply:?}");
    let fate = child.child.rendezvous();
    assert!(matches!(fate, Some(Rendezvous::Pending)), "{fate:?}");
    child.finish();
    no_senders(&port);
}

#[test]
fn the_demanded_program_gets_its_ports_and_another_is_told() {
    let server = server("identity.demanded");
    let own = env!("CARGO_BIN_EXE_peer");
    let (mut child, _port) = for_program(&server, own);
    assert_eq!(child.ask("connect"), "connected 1");
    let fate = child.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
    child.finish();
    // Also one that has been executed by another one.
    let (mut child, _port) = for_program(&server, own);
    child.tell("exec /bin/sh");
    become_peer(&mut child);
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();

    let (mut child, port) = for_program(&server, "/bin/cat");
    let reason = Denial::Requirement;
    let refused = format!("refused {:?}", ConnectError::Denied { reason });
    assert_eq!(child.ask("connect"), refused);
    no_senders(&port);
    child.finish();
}

#[test]
fn a_confirmation_with_another_number_begins_again() {
    let (server, helper) = (server("identity.number"), server("identity.number-helper"));
    let heir = ReceiveRight::new().unwrap();
    let (mut child, _port) = for_program(&server, env!("CARGO_BIN_EXE_peer"));
    for nonce in ["1", "0", ""] {
        equip(&mut child, &helper, &server, &heir);
        assert_eq!(child.ask(&format!("ask-for server repl {nonce}")), "asked");
        challenge(&next(&heir));
    }
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

/// A deviation: a program that executes others confirms for them.
#[test]
fn a_program_that_executes_others_is_no_proof() {
    let (server, helper) = (server("identity.shell"), server("identity.shell-helper"));
    let heir = ReceiveRight::new().unwrap();
    let (mut child, _port) = for_program(&server, "/bin/sh");
    equip(&mut child, &helper, &server, &heir);
    ask_and_become(&mut child, &server, "", "/bin/sh");
    let nonce = challenge(&next(&heir)).to_string();
    become_peer(&mut child);
    equip(&mut child, &helper, &server, &heir);
    ask_and_become(&mut child, &server, &nonce, "/bin/sh");
    let reply = Reply::read(next(&heir)).unwrap();
    assert_eq!(reply.ports.len(), 1, "{reply:?}");
    child.finish();
}
