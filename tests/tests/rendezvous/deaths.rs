//! A child that dies, at each step of a rendezvous and in each way: nobody waits for it, and no right is lost.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::os::unix::process::ExitStatusExt;

use launcher::{Refusal, Rendezvous, RendezvousServer, key};
use mach_ports::{Message, Notification, ReceiveRight, SendOptions, SendRight};
use rendezvous_tests::events::{dead, next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

/// What the parent registers for a child that will die, and how it learns that each right is gone.
struct Stake {
    port: ReceiveRight,
    bell: ReceiveRight,
    to_moved: SendRight,
}

impl Stake {
    /// A child that has a right of each kind waiting for it.
    fn launch(server: &RendezvousServer) -> (Self, Peer) {
        let [port, bell, moved] = [(); 3].map(|()| ReceiveRight::new().unwrap());
        let stake = Self {
            to_moved: moved.make_send().unwrap(),
            port,
            bell,
        };
        let mut child = peer!["-"];
        child
            .server(server)
            .port(key(b"send"), stake.port.make_send().unwrap())
            .port(key(b"once"), stake.bell.make_send_once().unwrap())
            .port(key(b"rcve"), moved)
            .additional_data(vec![1; 100_000]);
        (stake, Peer::start(child))
    }

    /// Waits until all of it is gone from the child.
    fn expect_release(self) {
        no_senders(&self.port);
        dead(&self.to_moved);
        // Used or not, exactly one message comes of a send-once right.
        let last = next(&self.bell);
        assert_eq!(last.notification(), Some(Notification::SendOnce));
        assert_eq!(self.bell.status().unwrap().send_once_rights, 0);
    }
}

fn fate(child: &Peer) -> Rendezvous {
    child.child.wait_rendezvous(LONG).unwrap()
}

fn die(child: &mut Peer) {
    child.tell("die SIGKILL");
    assert_eq!(child.end().signal(), Some(libc::SIGKILL));
}

#[test]
fn the_fate_of_a_child_that_was_waited_for_is_settled() {
    let server = server("settled");
    for round in 0..40 {
        let port = ReceiveRight::new().unwrap();
        let child = peer!["exit 0"]
            .server(&server)
            .port(key(b"send"), port.make_send().unwrap())
            .spawn()
            .unwrap();
        if round % 2 == 0 {
            assert!(child.wait().unwrap().success());
        } else {
            while child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
        }
        let fate = child.rendezvous();
        assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
        assert!(!port.status().unwrap().has_senders);
    }
}

#[test]
fn before_it_does_anything() {
    let server = server("dies-first");
    let (stake, mut child) = Stake::launch(&server);
    die(&mut child);
    assert!(matches!(fate(&child), Rendezvous::ExitedFirst));
    stake.expect_release();
    assert_eq!(server.lock().pending().count(), 0);
}

#[test]
fn before_it_is_registered() {
    // The lock is held while the child lives and dies.
    let server = server("dies-at-once");
    for _ in 0..20 {
        let port = ReceiveRight::new().unwrap();
        let child = Peer::start(
            peer!["exit 0"]
                .server(&server)
                .port(key(b"send"), port.make_send().unwrap()),
        );
        assert!(matches!(fate(&child), Rendezvous::ExitedFirst));
        assert!(!port.status().unwrap().has_senders);
        assert!(child.end().success());
    }
}

#[test]
fn after_looking_the_server_up() {
    let server = server("dies-connected");
    let (stake, mut child) = Stake::launch(&server);
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert_eq!(child.ask(&look_up), "found");
    die(&mut child);
    assert!(matches!(fate(&child), Rendezvous::ExitedFirst));
    stake.expect_release();
}

#[test]
fn having_asked_and_before_there_is_a_reply() {
    let server = server("dies-asking");
    let (stake, mut child) = Stake::launch(&server);
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert_eq!(child.ask(&look_up), "found");
    // The request waits until the child that sent it is no more.
    let guard = server.lock();
    assert_eq!(child.ask("ask server data"), "asked");
    die(&mut child);
    drop(guard);
    // The request and the exit are noticed in this order or the other.
    let fate = fate(&child);
    assert!(
        matches!(
            fate,
            Rendezvous::ExitedFirst
                | Rendezvous::Acquired
                | Rendezvous::Refused(Refusal::Undelivered(_))
        ),
        "{fate:?}"
    );
    stake.expect_release();
    assert_eq!(server.lock().pending().count(), 0);
}

#[test]
fn with_the_reply_in_its_queue() {
    let server = server("dies-answered");
    let (stake, mut child) = Stake::launch(&server);
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert_eq!(child.ask(&look_up), "found");
    assert_eq!(child.ask("ask server data"), "asked");
    assert!(matches!(fate(&child), Rendezvous::Acquired));
    die(&mut child);
    stake.expect_release();
}

#[test]
fn with_its_ports_in_the_client() {
    let server = server("dies-served");
    let (stake, mut child) = Stake::launch(&server);
    assert_eq!(child.ask("connect"), "connected 3");
    assert!(matches!(fate(&child), Rendezvous::Acquired));
    die(&mut child);
    stake.expect_release();
}

#[test]
fn with_its_ports_in_its_hands() {
    let server = server("dies-holding");
    let (stake, mut child) = Stake::launch(&server);
    assert_eq!(child.ask("connect"), "connected 3");
    for take in ["take send send", "take once once", "take receive rcve"] {
        assert_eq!(child.ask(take), "taken");
    }
    assert_eq!(child.ask("send send 1 alive"), "sent");
    die(&mut child);
    // What it has said before is not lost.
    assert_eq!(next(&stake.port).body(), b"alive\0\0\0");
    stake.expect_release();
}

#[test]
fn while_it_waits_for_a_message() {
    let server = server("dies-waiting");
    let (stake, mut child) = Stake::launch(&server);
    assert_eq!(child.ask("connect"), "connected 3");
    assert_eq!(child.ask("take receive rcve"), "taken");
    child.tell("receive rcve");
    child.child.kill().unwrap();
    assert_eq!(child.end().signal(), Some(libc::SIGKILL));
    stake.expect_release();
}

#[test]
fn with_its_right_in_a_message_that_it_has_sent() {
    let server = server("dies-having-sent");
    let (stake, mut child) = Stake::launch(&server);
    assert_eq!(child.ask("connect"), "connected 3");
    assert_eq!(child.ask("take send send"), "taken");
    assert_eq!(child.ask("allocate own"), "allocated");
    assert_eq!(child.ask("make own send 1"), "sent");
    die(&mut child);
    // The message outlives its sender; the port in it does not.
    let mut message = next(&stake.port);
    assert_eq!(message.id(), 1);
    if let Some(right) = message.take_send(0).unwrap() {
        dead(&right);
    }
    stake.expect_release();
}

#[test]
fn with_a_receive_right_in_a_message_that_it_has_sent() {
    let server = server("dies-having-moved");
    let (stake, mut child) = Stake::launch(&server);
    assert_eq!(child.ask("connect"), "connected 3");
    assert_eq!(child.ask("take send send"), "taken");
    assert_eq!(child.ask("take receive rcve"), "taken");
    assert_eq!(child.ask("move rcve send 1"), "sent");
    die(&mut child);
    // That port outlives both its holders.
    let mut message = next(&stake.port);
    let moved = message.take_receive(0).unwrap().unwrap();
    assert!(!stake.to_moved.is_dead());
    Message::new(2)
        .send(&stake.to_moved, &SendOptions::new())
        .unwrap();
    assert_eq!(next(&moved).id(), 2);
    drop((moved, message));
    stake.expect_release();
}

#[test]
fn in_every_way_there_is() {
    let server = server("dies-variously");
    for signal in [
        "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGTERM", "SIGKILL",
    ] {
        let (stake, mut child) = Stake::launch(&server);
        assert_eq!(child.ask("connect"), "connected 3");
        assert_eq!(child.ask("take send send"), "taken");
        child.tell(&format!("die {signal}"));
        let status = child.end();
        let number = signal.parse::<nix::sys::signal::Signal>().unwrap() as i32;
        assert_eq!(status.signal(), Some(number), "{signal}: {status}");
        stake.expect_release();
    }
    for (command, code) in [("exit 42", 42), ("panic", 101)] {
        let (stake, mut child) = Stake::launch(&server);
        assert_eq!(child.ask("connect"), "connected 3");
        child.tell(command);
        assert_eq!(child.end().code(), Some(code), "{command}");
        stake.expect_release();
    }
}

#[test]
fn one_after_the_other_in_the_place_of_the_last() {
    // As a helper does that crashes and is started again.
    let server = server("dies-again");
    let port = ReceiveRight::new().unwrap();
    for attempt in 0..20 {
        let mut child = Peer::start(
            peer!["-"]
                .server(&server)
                .port(key(b"send"), port.make_send().unwrap()),
        );
        if attempt % 2 == 0 {
            assert_eq!(child.ask("connect"), "connected 1");
            assert_eq!(child.ask("take send send"), "taken");
            assert_eq!(child.ask(&format!("send send {attempt}")), "sent");
            assert_eq!(next(&port).id(), attempt);
        }
        die(&mut child);
    }
    no_senders(&port);
    assert_eq!(server.lock().pending().count(), 0);
}
