//! Peers that send what nobody should, between real processes: nothing of it is taken, kept or waited for.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use launcher::{Rendezvous, RendezvousServer, key};
use mach_ports::{
    Disposition, Message, ReceiveRight, ReplyRight, SendOnceRight, SendOptions, bootstrap,
};
use rendezvous_client::{ConnectError, Denial, MalformedReply, ServerName};
use rendezvous_protocol::wire::{MAX_ADDITIONAL_DATA, MAX_PORTS, REPLY, encode_body};
use rendezvous_server::BaseId;
use rendezvous_tests::events::{dead, next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = key(b"port");

/// A server of the test's own making, which answers what it likes.
struct Impostor {
    base_id: String,
    port: ReceiveRight,
}

impl Impostor {
    fn new(test: &str) -> Self {
        let base_id = format!("tests.rendezvous.hostile-{test}");
        let name = BaseId::new(&*base_id)
            .unwrap()
            .bootstrap_name(std::process::id().cast_signed());
        Self {
            base_id,
            port: bootstrap::check_in(&name).unwrap(),
        }
    }

    /// A child that waits for the answer to its request.
    fn asked(&self) -> (Peer, SendOnceRight) {
        let mut child = Peer::start(peer!["-"].base_id(&*self.base_id));
        child.tell("connect");
        match next(&self.port).take_reply() {
            Some(ReplyRight::SendOnce(reply)) => (child, reply),
            other => panic!("{other:?}"),
        }
    }

    /// What a child says to this reply.
    fn answer(&self, reply: Message<'_>) -> String {
        let (mut child, to) = self.asked();
        reply
            .send_once(to, &SendOptions::new().timeout(LONG))
            .unwrap();
        let answer = child.line();
        child.finish();
        answer
    }
}

/// `'MRZV'` with send rights to `port`, and these bytes.
fn reply<'a>(port: &'a ReceiveRight, rights: usize, body: &[u8]) -> Message<'a> {
    (0..rights)
        .fold(Message::new(REPLY), |reply, _| reply.make_send(port))
        .bytes(body)
}

#[test]
fn a_reply_that_contradicts_itself_is_refused_and_released() {
    let server = Impostor::new("replies");
    let (port, other) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let with = |rights: usize, keys: &[u32]| reply(&port, rights, &encode_body(keys, &[]));
    let cut = |rights: usize, keys: &[u32], len: usize| {
        reply(&port, rights, &encode_body(keys, b"data")[..len])
    };
    let length = |length: u64| reply(&port, 0, &length.to_ne_bytes()).complex();
    let many: Vec<u32> = (0..=MAX_PORTS as u32).collect();
    for (reply, expected) in [
        (with(2, &[7, 7]), MalformedReply::DuplicateKey { key: 7 }),
        (with(2, &[7, 3]), MalformedReply::KeysOutOfOrder { key: 3 }),
        (with(2, &[7]), MalformedReply::Truncated { len: 12 }),
        (with(1, &[]), MalformedReply::Truncated { len: 8 }),
        (with(0, &[7]), MalformedReply::Truncated { len: 12 }),
        (with(1, &[7, 8]), MalformedReply::Truncated { len: 16 }),
        // The second and the third key are where the length is looked for.
        (
            with(1, &[7, 8, 9]),
            MalformedReply::TooMuchData {
                len: 38_654_705_672,
            },
        ),
        (
            with(1, &[7, 0, 0]),
            MalformedReply::WrongSize {
                expected: 12,
                found: 20,
            },
        ),
        (
            with(many.len(), &many),
            MalformedReply::TooManyPorts { ports: 251 },
        ),
        (cut(2, &[1, 2], 16), MalformedReply::Truncated { len: 16 }),
        (cut(2, &[1, 2], 4), MalformedReply::Truncated { len: 4 }),
        (cut(1, &[1], 0), MalformedReply::Truncated { len: 0 }),
        (length(1), MalformedReply::Truncated { len: 8 }),
        (
            length(MAX_ADDITIONAL_DATA as u64 + 1),
            MalformedReply::TooMuchData {
                len: MAX_ADDITIONAL_DATA as u64 + 1,
            },
        ),
        (
            length(u64::MAX),
            MalformedReply::TooMuchData { len: u64::MAX },
        ),
        (
            Message::new(REPLY + 1)
                .make_send(&port)
                .bytes(&encode_body(&[1], &[])),
            MalformedReply::Id { id: REPLY + 1 },
        ),
        // As the kernel's notification that there will be no reply; but the kernel has not sent it.
        (Message::new(71), MalformedReply::Id { id: 71 }),
        (
            with(1, &[1]).reply_to_make_send(&port),
            MalformedReply::AsksForReply,
        ),
        (
            reply(&port, 1, &[])
                .out_of_line(vec![1; 10_000])
                .bytes(&encode_body(&[1, 2], &[])),
            MalformedReply::NotAPort { index: 1 },
        ),
        (
            Message::new(REPLY)
                .move_rights(vec![other.make_send().unwrap(), other.make_send().unwrap()])
                .unwrap()
                .bytes(&encode_body(&[1, 2], &[])),
            MalformedReply::NotAPort { index: 0 },
        ),
    ] {
        let refused = server.answer(reply);
        let expected = ConnectError::Malformed(expected);
        assert_eq!(refused, format!("refused {expected:?}"));
        no_senders(&port);
    }
    no_senders(&other);
}

#[test]
fn all_kinds_of_rights_in_a_refused_reply_are_released_at_once() {
    let server = Impostor::new("kinds");
    let [port, bell, moved] = [(); 3].map(|()| ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let (mut child, to) = server.asked();
    Message::new(REPLY)
        .make_send(&port)
        .make_send_once(&bell)
        .move_receive(moved)
        .bytes(&encode_body(&[1, 2, 2], &[]))
        .send_once(to, &SendOptions::new())
        .unwrap();
    let refused = child.line();
    let expected = ConnectError::Malformed(MalformedReply::DuplicateKey { key: 2 });
    assert_eq!(refused, format!("refused {expected:?}"));
    // While the child lives.
    no_senders(&port);
    dead(&to_moved);
    assert!(next(&bell).notification().is_some());
    child.finish();
}

#[test]
fn a_reply_that_is_too_large_is_not_received() {
    let server = Impostor::new("large");
    let port = ReceiveRight::new().unwrap();
    let body = encode_body(&[1], &vec![0; 3 * MAX_ADDITIONAL_DATA]);
    let refused = server.answer(reply(&port, 1, &body));
    assert!(refused.contains(" was over the limit of "), "{refused}");
    no_senders(&port);
}

#[test]
fn rights_that_are_none_arrive_as_dead_ones() {
    let server = Impostor::new("null");
    let (mut child, to) = server.asked();
    Message::new(REPLY)
        .no_right(Disposition::MoveSend)
        .bytes(&encode_body(&[PORT], &[]))
        .send_once(to, &SendOptions::new())
        .unwrap();
    assert_eq!(child.line(), "connected 1");
    assert_eq!(child.ask("take send port"), "dead");
    child.finish();
}

#[test]
fn a_server_that_drops_the_request_has_not_answered() {
    let server = Impostor::new("drops");
    let (mut child, to) = server.asked();
    drop(to);
    let name = BaseId::new(&*server.base_id).unwrap();
    let name = name.bootstrap_name(std::process::id().cast_signed());
    let server = ServerName::Name(name);
    let expected = ConnectError::NoReply { server };
    assert_eq!(child.line(), format!("refused {expected:?}"));
    child.finish();
}

#[test]
fn nobody_but_the_server_denies_ports() {
    let server = Impostor::new("denies");
    for reason in [Denial::Requirement, Denial::Undelivered] {
        let expected = ConnectError::Denied { reason };
        let answer = server.answer(reason.message());
        assert_eq!(answer, format!("refused {expected:?}"));
    }
    // A denial is not believed of another process.
    let real = rendezvous_tests::events::server("denies-helper");
    let (mut child, to) = server.asked();
    let mut stranger = Peer::start(peer!["-"].server(&real).port(key(b"repl"), to));
    assert_eq!(stranger.ask("connect"), "connected 1");
    assert_eq!(stranger.ask("take once repl"), "taken");
    assert_eq!(stranger.ask("deny repl"), "denied");
    let expected = ConnectError::WrongProcess {
        expected: std::process::id().cast_signed(),
        found: stranger.child.id(),
    };
    assert_eq!(child.line(), format!("refused {expected:?}"));
    child.finish();
    stranger.finish();
}

#[test]
fn a_reply_from_another_process_is_refused() {
    let server = Impostor::new("stranger");
    let real = rendezvous_tests::events::server("stranger-helper");
    let target = ReceiveRight::new().unwrap();
    let (mut child, to) = server.asked();
    // The right to reply goes to somebody else, who answers as a server should.
    let mut stranger = Peer::start(
        peer!["-"]
            .server(&real)
            .port(key(b"repl"), to)
            .port(PORT, target.make_send().unwrap()),
    );
    assert_eq!(stranger.ask("connect"), "connected 2");
    assert_eq!(stranger.ask("take once repl"), "taken");
    assert_eq!(stranger.ask("take send port"), "taken");
    assert_eq!(stranger.ask("answer repl port"), "answered");
    let expected = ConnectError::WrongProcess {
        expected: std::process::id().cast_signed(),
        found: stranger.child.id(),
    };
    assert_eq!(child.line(), format!("refused {expected:?}"));
    no_senders(&target);
    child.finish();
    stranger.finish();
}

#[test]
fn a_name_that_somebody_else_has_checked_in_is_not_trusted() {
    // A name with the pid of this process, and in the hands of another.
    let mut impostor = Peer::start(peer!["-"]);
    let base_id = "tests.rendezvous.hostile-name";
    let name = BaseId::new(base_id)
        .unwrap()
        .bootstrap_name(std::process::id().cast_signed());
    assert_eq!(impostor.ask(&format!("check-in port {name}")), "checked in");
    let mut child = Peer::start(peer!["-"].base_id(base_id));
    child.tell("connect");
    assert_eq!(impostor.ask("allocate mine"), "allocated");
    assert_eq!(impostor.ask("answer-next port mine"), "answered");
    let expected = ConnectError::WrongProcess {
        expected: std::process::id().cast_signed(),
        found: impostor.child.id(),
    };
    assert_eq!(child.line(), format!("refused {expected:?}"));
    child.finish();
    impostor.finish();
}

/// A child that has a port waiting, has found the server and makes its requests by hand.
fn hostile_child(server: &RendezvousServer, port: &ReceiveRight) -> Peer {
    let mut child = Peer::start(
        peer!["-"]
            .server(server)
            .port(PORT, port.make_send().unwrap()),
    );
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    assert_eq!(child.ask(&look_up), "found");
    child
}

#[test]
fn what_is_no_request_is_destroyed_and_takes_nothing() {
    let server = server("hostile-requests");
    let port = ReceiveRight::new().unwrap();
    let mut child = hostile_child(&server, &port);
    for (form, is_answered) in [
        ("other-id", true),
        ("a-word-more", true),
        ("large", true),
        ("complex", true),
        ("with-right", true),
        ("with-receive-right", true),
        ("with-rights", true),
        ("with-memory", true),
        ("send-right-for-reply", false),
        ("no-reply-port", false),
    ] {
        assert_eq!(child.ask(&format!("ask server {form}")), "asked");
        if is_answered {
            // By the notification that the right to reply was dropped.
            assert_eq!(child.ask("reply"), "1200 18 0 name 0 47", "{form}");
        }
        assert_eq!(child.ask("senders-go"), "gone", "{form}");
        assert!(
            matches!(child.child.rendezvous(), Some(Rendezvous::Pending)),
            "{form}"
        );
    }
    assert_eq!(child.ask("connect"), "connected 1");
    child.finish();
}

#[test]
fn a_flood_does_not_keep_others_from_their_ports() {
    let server = server("flood");
    let port = ReceiveRight::new().unwrap();
    for form in ["with-right", "large", "no-reply-port"] {
        let mut flood = hostile_child(&server, &port);
        flood.tell(&format!("flood server {form} 2000"));
        for _ in 0..5 {
            let target = ReceiveRight::new().unwrap();
            let mut child = Peer::start(
                peer!["-"]
                    .server(&server)
                    .port(PORT, target.make_send().unwrap()),
            );
            assert_eq!(child.ask("connect"), "connected 1");
            assert_eq!(child.ask("take send port"), "taken");
            assert_eq!(child.ask("send port 1"), "sent");
            assert_eq!(next(&target).id(), 1);
            child.finish();
        }
        assert_eq!(flood.line(), "flooded");
        flood.finish();
    }
}

#[test]
fn who_never_reads_its_replies_holds_nobody_up() {
    let server = server("deaf");
    let port = ReceiveRight::new().unwrap();
    let mut deaf = hostile_child(&server, &port);
    assert_eq!(deaf.ask("flood server data 500"), "flooded");
    // Its ports came with the first reply, and it has read none.
    let fate = deaf.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
    Peer::start(peer!["connect"].server(&server)).finish();
    deaf.finish();
    no_senders(&port);
}

#[test]
fn nobody_gets_what_is_registered_for_another() {
    let server = server("greedy");
    let port = ReceiveRight::new().unwrap();
    let mut owner = hostile_child(&server, &port);
    // It knows the server and asks as often as it likes, before and after the owner.
    let mut greedy = Peer::start(peer!["-"].server(&server));
    for _ in 0..10 {
        assert_eq!(greedy.ask("connect"), "connected 0");
    }
    assert_eq!(owner.ask("connect"), "connected 1");
    assert_eq!(greedy.ask("connect"), "connected 0");
    greedy.finish();
    owner.finish();
}
