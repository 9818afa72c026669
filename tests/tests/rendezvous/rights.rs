//! What rights go through a rendezvous, how, and what becomes of those that are not taken.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use launcher::{LaunchCause, LaunchStep, Rendezvous, RendezvousPort, key};
use mach_ports::{
    Disposition, Message, Notification, ReceiveRight, SendOnceRight, SendOptions, SendRight,
};
use rendezvous_server::{CollectionError, MAX_ADDITIONAL_DATA, MAX_PORTS, RendezvousServer};
use rendezvous_tests::events::{dead, next, no_senders, server};
use rendezvous_tests::in_flight::many;
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

fn send(id: i32, to: &SendRight) {
    let options = SendOptions::new().timeout(LONG);
    Message::new(id).bytes(b"text").send(to, &options).unwrap();
}

fn with_one_port(server: &RendezvousServer, port: impl Into<RendezvousPort>) -> Peer {
    Peer::start(peer!["-"].server(server).port(PORT, port))
}

#[test]
fn a_receive_right_brings_what_is_queued_in_it() {
    let server = server("queued");
    let moved = ReceiveRight::new().unwrap();
    let to_moved = moved.make_send().unwrap();
    let back = ReceiveRight::new().unwrap();
    send(1, &to_moved);
    Message::new(2)
        .make_send(&back)
        .send(&to_moved, &SendOptions::new())
        .unwrap();
    let mut child = with_one_port(&server, moved);
    // On its way, as the child does not ask before it is told to.
    send(3, &to_moved);
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take receive port"), "taken");
    send(4, &to_moved);
    assert_eq!(child.ask("receive port"), "received 1 text");
    assert_eq!(child.ask("receive port"), "received 2");
    assert_eq!(child.ask("receive port"), "received 3 text");
    assert_eq!(child.ask("receive port"), "received 4 text");
    // The right that was queued leads here.
    assert_eq!(child.ask("send port.0 5"), "sent");
    assert_eq!(next(&back).id(), 5);
    child.finish();
    dead(&to_moved);
    no_senders(&back);
}

#[test]
fn a_queue_that_is_full_moves_and_its_sender_waits_on() {
    let server = server("full");
    let moved = ReceiveRight::new().unwrap();
    moved.set_queue_limit(2).unwrap();
    let to_moved = moved.make_send().unwrap();
    send(1, &to_moved);
    send(2, &to_moved);
    let waiting = to_moved.clone();
    let sender = std::thread::spawn(move || send(3, &waiting));
    let mut child = with_one_port(&server, moved);
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take receive port"), "taken");
    for id in 1..=3 {
        assert_eq!(child.ask("receive port"), format!("received {id} text"));
    }
    sender.join().unwrap();
    child.finish();
}

#[test]
fn a_send_once_right_is_used_once() {
    let server = server("once");
    let port = ReceiveRight::new().unwrap();
    let mut child = with_one_port(&server, port.make_send_once().unwrap());
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take once port"), "taken");
    assert_eq!(child.ask("send port 7 once"), "sent");
    let message = next(&port);
    assert_eq!((message.id(), message.body()), (7, &b"once"[..]));
    child.finish();
    // It is used up: its end gives no notification.
    assert_eq!(port.status().unwrap().message_count, 0);
    assert_eq!(port.status().unwrap().send_once_rights, 0);
}

#[test]
fn a_send_once_right_that_is_not_used_says_so() {
    let server = server("once-unused");
    // Released, left in the client, left by a process that is killed, and never asked for.
    for commands in [
        &["connect", "take once port", "release port"][..],
        &["connect", "disconnect"],
        &["connect", "take once port", "die SIGKILL"],
        &[],
    ] {
        let port = ReceiveRight::new().unwrap();
        let mut child = with_one_port(&server, port.make_send_once().unwrap());
        for command in commands {
            child.tell(command);
        }
        drop(child.child.stdin.take());
        let notified = next(&port).notification();
        assert_eq!(notified, Some(Notification::SendOnce), "{commands:?}");
        child.end();
    }
}

#[test]
fn every_disposition_arrives_as_its_kind() {
    let server = server("dispositions");
    let [a, b, c, d, e, moved] = [(); 6].map(|()| ReceiveRight::new().unwrap());
    let copied = b.make_send().unwrap();
    let to_moved = moved.make_send().unwrap();
    // SAFETY: both rights live until the child has asked.
    let (by_name, once_by_name) = unsafe {
        (
            RendezvousPort::from_raw(copied.name(), Disposition::CopySend).unwrap(),
            RendezvousPort::from_raw(e.name(), Disposition::MakeSendOnce).unwrap(),
        )
    };
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(
                key(b"move"),
                RendezvousPort::move_send(a.make_send().unwrap()),
            )
            .port(key(b"copy"), by_name)
            .port(key(b"make"), RendezvousPort::make_send(&c).unwrap())
            .port(key(b"once"), RendezvousPort::make_send_once(&d).unwrap())
            .port(key(b"1nam"), once_by_name)
            .port(key(b"rcve"), RendezvousPort::move_receive(moved)),
    );
    assert_eq!(child.ask("connect"), "connected 6");
    assert_eq!(child.ask("keys"), "1nam copy make move once rcve");
    for (name, kind) in [
        ("move", "send"),
        ("copy", "send"),
        ("make", "send"),
        ("once", "once"),
        ("1nam", "once"),
        ("rcve", "receive"),
    ] {
        for other in ["send", "once", "receive"] {
            if other != kind {
                let refused = child.ask(&format!("take {other} {name}"));
                assert!(refused.contains(" right, not a "), "{name}: {refused}");
            }
        }
        assert_eq!(child.ask(&format!("take {kind} {name}")), "taken", "{name}");
        assert_eq!(child.ask(&format!("take {kind} {name}")), "nothing");
    }
    for (name, port) in [
        ("move", &a),
        ("copy", &b),
        ("make", &c),
        ("once", &d),
        ("1nam", &e),
    ] {
        assert_eq!(child.ask(&format!("send {name} 1 {name}")), "sent");
        assert_eq!(next(port).body(), name.as_bytes());
    }
    send(9, &to_moved);
    assert_eq!(child.ask("receive rcve"), "received 9 text");
    // What was copied by name is still this process's.
    assert_eq!(copied.references().unwrap(), 1);
    child.finish();
    assert!(!copied.is_dead());
}

#[test]
fn one_port_under_many_keys_is_one_name() {
    let server = server("same");
    let port = ReceiveRight::new().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(key(b"one "), port.make_send().unwrap())
            .port(PORT, port.make_send().unwrap())
            .port(key(b"two "), port.make_send().unwrap()),
    );
    assert_eq!(child.ask("connect"), "connected 3");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("references port"), "3");
    // Releasing what was not taken leaves what was.
    assert_eq!(child.ask("disconnect"), "disconnected");
    assert_eq!(child.ask("references port"), "1");
    assert_eq!(child.ask("send port 1"), "sent");
    assert_eq!(next(&port).id(), 1);
    assert_eq!(child.ask("release port"), "released");
    no_senders(&port);
    child.finish();
}

#[test]
fn as_many_ports_as_there_may_be() {
    let _many = many();
    let server = server("full-house");
    let ports: Vec<_> = (0..MAX_PORTS)
        .map(|_| ReceiveRight::new().unwrap())
        .collect();
    let mut launcher = peer!["-"];
    for (key, port) in (0..).zip(&ports) {
        launcher.port(key, port.make_send().unwrap());
    }
    let mut child = Peer::start(
        launcher
            .server(&server)
            .additional_data(vec![3; MAX_ADDITIONAL_DATA]),
    );
    assert_eq!(child.ask("connect"), format!("connected {MAX_PORTS}"));
    let data = format!(
        "{MAX_ADDITIONAL_DATA} bytes, sum {}",
        3 * MAX_ADDITIONAL_DATA
    );
    assert_eq!(child.ask("data"), data);
    assert_eq!(child.ask("greet-all"), format!("greeted {MAX_PORTS}"));
    child.finish();
    for (key, port) in (0..).zip(&ports) {
        assert_eq!(next(port).id(), key);
        no_senders(port);
    }
}

#[test]
fn as_many_receive_rights_as_there_may_be() {
    let _many = many();
    let server = server("full-receive");
    let mut senders = Vec::new();
    let mut launcher = peer!["-"];
    for key in 0..MAX_PORTS as u32 {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        send(key.cast_signed(), &right);
        senders.push(right);
        launcher.port(key, port);
    }
    let mut child = Peer::start(launcher.server(&server));
    assert_eq!(child.ask("connect"), format!("connected {MAX_PORTS}"));
    let expected: u32 = (0..MAX_PORTS as u32).sum();
    assert_eq!(
        child.ask("receive-from-all"),
        format!("received {MAX_PORTS}, sum {expected}")
    );
    child.finish();
    senders.iter().for_each(dead);
}

#[test]
fn more_ports_than_there_may_be_are_refused_before_the_spawn() {
    let server = server("too-many");
    let port = ReceiveRight::new().unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut launcher = peer!["cwd"];
    launcher.server(&server).stdout(writer);
    for key in 0..=MAX_PORTS as u32 {
        launcher.port(key, port.make_send().unwrap());
    }
    let error = launcher.spawn().unwrap_err();
    drop(launcher);
    assert_eq!(error.step(), LaunchStep::Ports);
    assert!(
        matches!(
            error.cause(),
            LaunchCause::Collection(CollectionError::TooManyPorts)
        ),
        "{error:?}"
    );
    no_senders(&port);
    // Nothing has run: whoever had would have written.
    let mut output = String::new();
    std::io::Read::read_to_string(&mut reader, &mut output).unwrap();
    assert_eq!(output, "");
}

#[test]
fn rights_that_are_not_taken_are_released() {
    let server = server("untaken");
    for end in ["disconnect", "exit 0", "die SIGKILL"] {
        let (port, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
        let to_moved = moved.make_send().unwrap();
        let mut child = Peer::start(
            peer!["-"]
                .server(&server)
                .port(PORT, port.make_send().unwrap())
                .port(key(b"rcve"), moved),
        );
        assert_eq!(child.ask("connect"), "connected 2");
        assert!(!to_moved.is_dead());
        child.tell(end);
        dead(&to_moved);
        no_senders(&port);
        drop(child.child.stdin.take());
        child.end();
    }
}

#[test]
fn a_port_that_dies_before_the_child_asks_is_a_dead_one() {
    let server = server("dead");
    let port = ReceiveRight::new().unwrap();
    let mut child = with_one_port(&server, port.make_send().unwrap());
    drop(port);
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "dead");
    assert_eq!(child.ask("keys"), "port");
    child.finish();
}

#[test]
fn ports_are_claimed_once() {
    let server = server("claimed");
    let port = ReceiveRight::new().unwrap();
    let mut child = with_one_port(&server, port.make_send().unwrap());
    assert_eq!(child.ask("instance"), "connected 1");
    assert_eq!(child.ask("connect"), "connected 0");
    // The instance stays as it is.
    assert_eq!(child.ask("instance"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("instance"), "connected 0");
    child.finish();
}

#[test]
fn data_goes_to_who_asks_for_it() {
    let server = server("data");
    for (connect, data) in [
        ("connect", "4 bytes, sum 10"),
        ("connect plain", "0 bytes, sum 0"),
    ] {
        let mut child = Peer::start(peer!["-"].server(&server).additional_data([1, 2, 3, 4]));
        assert_eq!(child.ask(connect), "connected 0");
        assert_eq!(child.ask("data"), data);
        let fate = child.child.wait_rendezvous(LONG);
        assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
        child.finish();
    }
}

#[test]
fn rights_travel_on_from_the_child() {
    // The kernel of a rendezvous: a right is good in whatever process it ends up.
    let server = server("onwards");
    let (back, bell) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let once: SendOnceRight = bell.make_send_once().unwrap();
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .port(PORT, back.make_send().unwrap())
            .port(key(b"bell"), once),
    );
    assert_eq!(child.ask("connect"), "connected 2");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("take once bell"), "taken");
    assert_eq!(child.ask("allocate own"), "allocated");
    assert_eq!(child.ask("move bell port 1"), "sent");
    assert_eq!(child.ask("make own port 2"), "sent");
    let mut first = next(&back);
    let once = first.take_send_once(0).unwrap().unwrap();
    Message::new(3)
        .send_once(once, &SendOptions::new())
        .unwrap();
    assert_eq!(next(&bell).id(), 3);
    let mut second = next(&back);
    let own = second.take_send(0).unwrap().unwrap();
    send(4, &own);
    assert_eq!(child.ask("receive own"), "received 4 text");
    // The receive right itself, with a message in it.
    send(5, &own);
    assert_eq!(child.ask("move own port 6"), "sent");
    let mut third = next(&back);
    let moved = third.take_receive(0).unwrap().unwrap();
    assert_eq!(next(&moved).id(), 5);
    child.finish();
    send(7, &own);
    assert_eq!(next(&moved).id(), 7);
    no_senders(&back);
}
