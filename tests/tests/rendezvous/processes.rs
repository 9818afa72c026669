//! Who meets whom: children that ask early, at the same time, through others, and of parents that do not answer.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::time::{Duration, Instant};

use launcher::{Refusal, Rendezvous, RendezvousServer, key};
use mach_ports::ReceiveRight;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rendezvous_client::{ConnectError, ServerName};
use rendezvous_server::{PortCollection, RegisterError};
use rendezvous_tests::events::{next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

#[test]
fn threads_launch_at_the_same_time() {
    const THREADS: i32 = 8;
    const LAUNCHES: i32 = 5;
    let server = server("threads");
    let launch = |id: i32| {
        let port = ReceiveRight::new().unwrap();
        // Each child sends what it alone was told, by the port that is its own.
        let mut child = peer!["instance", "take send port", format!("send port {id}")];
        child.server(&server).port(PORT, port.make_send().unwrap());
        let child = Peer::start(child);
        let message = next(&port);
        assert_eq!(message.id(), id);
        assert_eq!(message.audit_token().unwrap().pid(), child.child.id());
        child.finish();
        no_senders(&port);
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                (0..LAUNCHES).for_each(|n| launch(thread * LAUNCHES + n));
            });
        }
    });
    assert_eq!(server.lock().pending().count(), 0);
}

#[test]
fn threads_launch_by_the_servers_of_the_process_at_the_same_time() {
    // Which the first of them makes.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let port = ReceiveRight::new().unwrap();
                let mut child = peer!["connect", "take send port", "send port 1"];
                child
                    .base_id("tests.rendezvous.shared")
                    .port(PORT, port.make_send().unwrap());
                let child = Peer::start(child);
                assert_eq!(next(&port).id(), 1);
                child.finish();
            });
        }
    });
}

#[test]
fn a_child_may_ask_before_it_is_registered() {
    let server = server("early");
    let name = server.bootstrap_name().unwrap();
    let mut guard = server.lock();
    let mut child = Peer::start(peer!["-"]);
    assert_eq!(child.ask(&format!("look-up server {name}")), "found");
    // The request is in the server's queue when this is answered.
    assert_eq!(child.ask("ask server ports"), "asked");
    let port = ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    let registration = guard
        .register_spawned(child.child.id(), collection)
        .unwrap();
    assert!(matches!(registration.state(), Rendezvous::Pending));
    drop(guard);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    assert!(child.ask("reply").contains("4d525a56"));
    child.finish();
    no_senders(&port);
}

#[test]
fn a_grandchild_meets_its_own_parent() {
    let server = server("grandparent");
    let port = ReceiveRight::new().unwrap();
    let mut middle = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    assert_eq!(middle.ask("connect"), "connected 1");
    let launched = middle.ask("launch port both");
    assert!(launched.starts_with("launched "), "{launched}");
    // From here on it is the grandchild that answers.
    let grandchild = &mut middle;
    assert_eq!(grandchild.ask("connect"), "connected 2");
    let name = grandchild.ask("name");
    assert!(
        name.ends_with(&format!(".{}", grandchild.child.id())),
        "{name}"
    );
    assert_eq!(grandchild.ask("take send port"), "taken");
    assert_eq!(grandchild.ask("send port 5 hello"), "sent");
    // The grandparent knows nothing of it.
    assert_eq!(
        grandchild.ask(&format!(
            "connect base={} server={}",
            server.base_id(),
            std::process::id()
        )),
        "connected 0"
    );
    grandchild.tell("exit 3");
    assert_eq!(middle.line(), "ended with exit status: 3");
    assert_eq!(middle.ask("receive port"), "received 5 hello");
    middle.finish();
    no_senders(&port);
}

#[test]
fn a_grandchild_that_nobody_registered_gets_nothing() {
    let server = server("strangers");
    let port = ReceiveRight::new().unwrap();
    let mut middle = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    // Its parent has ports waiting, whose variables it inherits; it is not its parent.
    let spawned = middle.ask("spawn");
    assert!(spawned.starts_with("spawned "), "{spawned}");
    let grandchild = &mut middle;
    assert_eq!(grandchild.ask("connect"), "connected 0");
    assert_eq!(grandchild.ask("keys"), "");
    grandchild.tell("exit 0");
    assert_eq!(middle.line(), "ended with exit status: 0");
    assert!(matches!(
        middle.child.rendezvous(),
        Some(Rendezvous::Pending)
    ));
    assert_eq!(middle.ask("connect"), "connected 1");
    middle.finish();
}

#[test]
fn a_process_may_stand_between_parent_and_child() {
    let server = server("between");
    let port = ReceiveRight::new().unwrap();
    let mut between = Peer::start(peer!["-"].server(&server));
    let spawned = between.ask("spawn");
    let pid = spawned.strip_prefix("spawned ").unwrap().parse().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    let registration = server.lock().register(pid, collection).unwrap();
    let child = &mut between;
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(Some(&*child.ask("name")), server.bootstrap_name());
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 1"), "sent");
    assert_eq!(next(&port).audit_token().unwrap().pid(), pid);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    child.tell("exit 0");
    assert_eq!(between.line(), "ended with exit status: 0");
    between.finish();
}

#[test]
fn the_death_of_a_process_in_between_is_not_the_childs() {
    let server = server("orphan");
    let port = ReceiveRight::new().unwrap();
    let mut between = Peer::start(peer!["-"].server(&server));
    let spawned = between.ask("spawn");
    let pid = spawned.strip_prefix("spawned ").unwrap().parse().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    let registration = server.lock().register(pid, collection).unwrap();
    // Whose child the orphan is now is up to the system.
    between.child.kill().unwrap();
    between.end();
    assert_eq!(between.ask("connect"), "connected 1");
    assert_eq!(between.ask("take send port"), "taken");
    assert_eq!(between.ask("send port 1"), "sent");
    assert_eq!(next(&port).audit_token().unwrap().pid(), pid);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    between.tell("exit 0");
    between.silence();
}

#[test]
fn a_parent_that_dies_wakes_the_child_that_waits() {
    let mut parent = Peer::start(peer!["-"]);
    let service = format!(
        "tests.rendezvous.dying.MachPortRendezvousServer.{}",
        parent.child.id()
    );
    assert_eq!(
        parent.ask(&format!("check-in server {service}")),
        "checked in"
    );
    let started = parent.ask("start connect base=tests.rendezvous.dying");
    assert!(started.starts_with("started "), "{started}");
    // The child waits for its answer, which is in the hands of the parent.
    assert_eq!(parent.ask("hold server"), "held 0x6d727a56");
    parent.child.kill().unwrap();
    parent.end();
    let server = ServerName::Name(service);
    let expected = ConnectError::NoReply { server };
    assert_eq!(parent.line(), format!("refused {expected:?}"));
    parent.silence();
    sweep("dying");
}

#[test]
fn a_parent_that_dies_with_its_server_locked_wakes_the_child() {
    let mut parent = Peer::start(peer!["-"]);
    let pid = parent.child.id();
    let name = format!("tests.rendezvous.peer.MachPortRendezvousServer.{pid}");
    let spawned = parent.ask("spawn-locked");
    assert!(spawned.starts_with("spawned "), "{spawned}");
    // It is the child that answers.
    assert_eq!(parent.ask(&format!("look-up server {name}")), "found");
    assert_eq!(parent.ask("ask server ports"), "asked");
    parent.tell("reply");
    parent.child.kill().unwrap();
    parent.end();
    // A send-once notification: there will be no reply.
    assert_eq!(parent.line(), "1200 18 0 name 0 47");
    parent.tell("exit 0");
    parent.silence();
    sweep("locked");
}

#[test]
fn a_stopped_parent_is_not_waited_for_longer_than_said() {
    let deadline = Duration::from_millis(300);
    let mut parent = Peer::start(peer!["-"]);
    let launched = parent.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    stop(&parent);
    let child = &mut parent;
    let asked = Instant::now();
    let refused = child.ask(&format!("connect deadline={}", deadline.as_millis()));
    let expected = ConnectError::DeadlineExceeded { deadline };
    assert_eq!(refused, format!("refused {expected:?}"));
    assert!((deadline..LONG).contains(&asked.elapsed()));
    // The ports are not lost by that.
    child.child.signal(libc::SIGCONT).unwrap();
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 9 late"), "sent");
    child.tell("exit 0");
    assert_eq!(parent.line(), "ended with exit status: 0");
    assert_eq!(parent.ask("receive port"), "received 9 late");
    parent.finish();
}

/// Stops the process, and waits until it stands still.
fn stop(peer: &Peer) {
    let pid = Pid::from_raw(peer.child.id());
    kill(pid, Signal::SIGSTOP).unwrap();
    // Neither a stopped nor a dead process lets this wait.
    let status = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(status, WaitStatus::Stopped(pid, Signal::SIGSTOP));
}

/// Where names are files, the check-in of a new process clears away those of processes that were killed.
fn sweep(test: &str) {
    let check_in = format!("check-in port tests.rendezvous.sweep.{test}");
    Peer::start(peer![check_in]).finish();
}

#[test]
fn a_stopped_child_keeps_its_ports_waiting() {
    let server: RendezvousServer = server("stopped-child");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, port.make_send().unwrap()),
    );
    stop(&child);
    child.tell("connect");
    let fate = child.child.wait_rendezvous(Duration::from_millis(50));
    assert!(matches!(fate, Some(Rendezvous::Pending)), "{fate:?}");
    // Others are served meanwhile.
    Peer::start(peer!["connect"].server(&server)).finish();
    child.child.signal(libc::SIGCONT).unwrap();
    assert_eq!(child.line(), "connected 1");
    child.finish();
}

#[test]
fn a_server_that_is_stopped_takes_its_ports_along() {
    let server = server("given-up");
    let port = ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    let mut child = Peer::start(peer!["-"].base_id(server.base_id().as_str()));
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert_eq!(child.ask(&look_up), "found");
    let registration = server
        .lock()
        .register(child.child.id(), collection)
        .unwrap();
    drop(server);
    let fate = registration.wait(LONG);
    assert!(
        matches!(fate, Rendezvous::Refused(Refusal::ServerStopped)),
        "{fate:?}"
    );
    assert!(!port.status().unwrap().has_senders);
    let refused = child.ask("connect");
    assert!(refused.starts_with("refused cannot look up "), "{refused}");
    child.finish();
}

#[test]
fn a_process_has_one_collection_at_a_time() {
    let server = server("one-at-a-time");
    let [first, second, third] = [(); 3].map(|()| ReceiveRight::new().unwrap());
    let collection = |port: &ReceiveRight| {
        let mut collection = PortCollection::new();
        collection.insert(PORT, port.make_send().unwrap()).unwrap();
        collection
    };
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, first.make_send().unwrap()),
    );
    let pid = child.child.id();
    let refused = server.lock().register(pid, collection(&second));
    assert!(
        matches!(refused, Err(RegisterError::AlreadyRegistered { .. })),
        "{refused:?}"
    );
    assert!(!second.status().unwrap().has_senders);
    assert_eq!(child.ask("connect"), "connected 1");
    // It has the first now, and may be given more.
    server.lock().register(pid, collection(&third)).unwrap();
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 1"), "sent");
    assert_eq!(next(&first).id(), 1);
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 3"), "sent");
    assert_eq!(next(&third).id(), 3);
    child.finish();
}
