//! Peers that break the rules of slots end their own link, for both, and nothing else.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE,
};
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::{MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_SEND_ONCE};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Shutdown, SockType, shutdown};
use rendezvous_tests::letter::{Letter, SOON, drain, receive};
use rendezvous_tests::raw::{made, status, type_of};
use rendezvous_tests::second::{serve, told_name, two};

use super::packet::{
    Bytes, MESSAGE, RIGHT_NULL, RIGHT_SEND, body_of, carrying, item, message, packet, right,
};
use super::socket::{self, link_to, pair};

const REPLY: u8 = 5;
const UNUSED: u8 = 6;
const CONVERT: u8 = 7;
const GONE: u8 = 8;
const REPLACE: u8 = 9;
const LEAVE: u8 = 10;
const BACK: u8 = 12;
const RIGHT_SLOT: u32 = 10;
const SLOTS: u16 = 32;

/// A packet whose prefix names a slot, counted from 1, and its use.
fn about(slot: u16, generation: u32, mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[6..8].copy_from_slice(&slot.to_ne_bytes());
    bytes[16..20].copy_from_slice(&generation.to_ne_bytes());
    bytes
}

/// A message whose reply right is a slot.
fn request(id: i32, slot: u16, generation: u32) -> Vec<u8> {
    let payload = message(id, 0, 18, 0, 0).then(right(RIGHT_SLOT, [0; 4]));
    about(slot, generation, packet(MESSAGE, 0, 0, payload))
}

/// Sends a way back for replies ahead, and returns what they come out of.
fn way_back(link: &OwnedFd) -> OwnedFd {
    let (back, given) = pair(SockType::SeqPacket);
    socket::send(link, &packet(BACK, 0, 1, Bytes::default()), &[&given]);
    back
}

/// A message without a reply right, of a kind.
fn plain(kind: u8, id: i32) -> Vec<u8> {
    let payload = message(id, 0, 0, 0, 0).then(right(RIGHT_NULL, [0; 4]));
    packet(kind, 0, 0, payload)
}

fn listed(kind: u8, slots: &[(u32, u32)]) -> Vec<u8> {
    let list = slots
        .iter()
        .fold(Bytes::default(), |list, slot| list.u32(slot.0).u32(slot.1));
    packet(kind, 0, 0, list)
}

/// Waits until the other side has ended a link.
fn ended(link: &OwnedFd) {
    let mut fds = [PollFd::new(link.as_fd(), PollFlags::empty())];
    let timeout = PollTimeout::try_from(SOON).expect("a short time");
    assert_eq!(poll(&mut fds, timeout), Ok(1), "the link goes on");
}

/// What a requester does that has opened slot 0.
fn wrong_requests() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let in_body = message(2, 1, 0, 16, 1)
        .then(right(RIGHT_NULL, [0; 4]))
        .then(body_of(1))
        .then(item(0, 18, 0, 0))
        .then(right(RIGHT_SLOT, [0; 4]));
    let unnamed = message(2, 0, 18, 0, 0).then(right(RIGHT_SLOT, [0; 4]));
    vec![
        ("a slot that is open", vec![request(2, 1, 2)]),
        ("a slot beyond the last", vec![request(2, SLOTS + 1, 1)]),
        ("a slot far beyond", vec![request(2, u16::MAX, 1)]),
        (
            "a message after the last send right",
            vec![packet(LEAVE, 0, 0, Bytes::default()), plain(MESSAGE, 2)],
        ),
        ("a reply forward", vec![about(1, 1, plain(REPLY, 2))]),
        (
            "a right given up forward",
            vec![about(1, 1, packet(UNUSED, 0, 0, Bytes::default()))],
        ),
        (
            "a slot in the body",
            vec![about(2, 1, packet(MESSAGE, 0, 0, in_body))],
        ),
        (
            "a slot that the prefix does not name",
            vec![packet(MESSAGE, 0, 0, unnamed)],
        ),
        (
            "a slot that no right is",
            vec![about(2, 1, plain(MESSAGE, 2))],
        ),
        (
            "a replacement without an end",
            vec![listed(REPLACE, &[(0, 1)])],
        ),
        (
            "a way back that is none",
            vec![packet(BACK, 0, 0, Bytes::default())],
        ),
        ("slots that there are not", vec![listed(GONE, &[(32, 1)])]),
        (
            "half a slot",
            vec![packet(GONE, 0, 0, Bytes::default().u32(0))],
        ),
    ]
}

#[test]
fn a_requester_that_breaks_the_rules_ends_its_link() {
    two(
        "slots::a_requester_that_breaks_the_rules_ends_its_link",
        |line, _| {
            let victim = serve(&line);
            for (why, _) in wrong_requests() {
                let mail = receive(victim);
                assert_eq!(mail.id(), 1, "{why}");
                let once = mail.remote();
                assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE), "{why}");
                line.go();
                // By another link.
                assert_eq!(receive(victim).id(), 9, "{why}");
                assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_DEAD_NAME), "{why}");
                assert_eq!(drain(victim), [0; 0], "{why}");
                line.go();
            }
        },
        |line| {
            let service = told_name(&line);
            for (_, deeds) in wrong_requests() {
                let link = link_to(&service);
                let _back = way_back(&link);
                socket::send(&link, &request(1, 1, 1), &[]);
                line.wait();
                for deed in deeds {
                    socket::send(&link, &deed, &[]);
                }
                socket::send(&link_to(&service), &plain(MESSAGE, 9), &[]);
                ended(&link);
                line.wait();
            }
        },
    );
}

#[test]
fn what_is_said_of_slots_that_are_over_is_ignored() {
    two(
        "slots::what_is_said_of_slots_that_are_over_is_ignored",
        |line, _| {
            let victim = serve(&line);
            let once = receive(victim).remote();
            Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(3).send();
            line.go();
            assert_eq!(receive(victim).id(), 4);
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            let back = way_back(&link);
            socket::send(&link, &request(1, 1, 1), &[]);
            line.wait();
            assert_eq!(socket::receive(&back).0[4], REPLY);
            socket::send(&link, &listed(GONE, &[(0, 1), (7, 7)]), &[]);
            let (mine, end) = pair(SockType::SeqPacket);
            let mut replaced = listed(REPLACE, &[(0, 1)]);
            replaced[12..16].copy_from_slice(&1u32.to_ne_bytes());
            socket::send(&link, &replaced, &[&end]);
            drop(end);
            // The end has been closed, and the link goes on.
            ended(&mine);
            socket::send(&link, &plain(MESSAGE, 4), &[]);
            line.wait();
        },
    );
}

/// The way by which a victim waits for a reply, and the slot that it has opened.
fn opened(own: &OwnedFd) -> (OwnedFd, u16, u32) {
    let (ahead, mut ends) = socket::receive(own);
    assert_eq!(ahead[4], BACK);
    let back = ends.pop().expect("the way back");
    let (bytes, _) = socket::receive(own);
    let number = |at: usize, len: usize| {
        let mut word = [0; 4];
        word[..len].copy_from_slice(&bytes[at..at + len]);
        u32::from_ne_bytes(word)
    };
    (back, number(6, 2) as u16, number(16, 4))
}

/// What a replier does, given the way back and the slot, and what the victim hears of it.
type Deed = fn(&OwnedFd, u16, u32);

const WRONG_REPLIES: [(&str, Deed, &[i32]); 9] = [
    (
        "a slot that is not open",
        |link, slot, use_| socket::send(link, &about(slot + 1, use_, plain(REPLY, 2)), &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "another use of the slot",
        |link, slot, use_| socket::send(link, &about(slot, use_ + 1, plain(REPLY, 2)), &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "a slot that there is not",
        |link, _, use_| socket::send(link, &about(SLOTS + 1, use_, plain(REPLY, 2)), &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "a message back",
        |link, _, _| socket::send(link, &plain(MESSAGE, 2), &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "no slot at all",
        |link, _, _| socket::send(link, &plain(REPLY, 2), &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "two replies",
        |link, slot, use_| {
            for _ in 0..2 {
                socket::send(link, &about(slot, use_, plain(REPLY, 2)), &[]);
            }
        },
        &[2],
    ),
    (
        "an empty packet",
        |link, _, _| socket::send(link, &[], &[]),
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "a link without an end",
        |link, slot, use_| {
            let nothing = packet(CONVERT, 0, 0, Bytes::default());
            socket::send(link, &about(slot, use_, nothing), &[]);
        },
        &[MACH_NOTIFY_SEND_ONCE],
    ),
    (
        "the victim's own way back, then a message back by it",
        |link, slot, use_| {
            let convert = packet(CONVERT, 0, 1, Bytes::default());
            socket::send(link, &about(slot, use_, convert), &[link]);
            socket::send(link, &plain(MESSAGE, 2), &[]);
        },
        &[MACH_NOTIFY_SEND_ONCE],
    ),
];

#[test]
fn a_replier_that_breaks_the_rules_ends_its_link() {
    two(
        "slots::a_replier_that_breaks_the_rules_ends_its_link",
        |line, _| {
            let victim = serve(&line);
            for (why, _, heard) in WRONG_REPLIES {
                let (liar, _) = receive(victim).only_port();
                let (replies, others) = (made::port(), made::port_with_send());
                Letter::to(liar, MACH_MSG_TYPE_COPY_SEND)
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .send();
                let first = receive(replies).id();
                line.wait();
                let mut all = vec![first];
                all.extend(drain(replies));
                assert_eq!(all, heard, "{why}");
                assert_eq!(status(replies).unwrap().sorights, 0, "{why}");
                assert_eq!(type_of(liar), Ok(MACH_PORT_TYPE_DEAD_NAME), "{why}");
                // Nothing else has ended.
                Letter::to(others, MACH_MSG_TYPE_COPY_SEND).id(8).send();
                assert_eq!(receive(others).id(), 8, "{why}");
                line.go();
            }
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            for (number, (_, deed, _)) in WRONG_REPLIES.into_iter().enumerate() {
                let (own, given) = pair(SockType::SeqPacket);
                // Each a port of its own.
                let claims = [number as u64 + 1, 0, 0, 0];
                let payload = carrying(1, 17, right(RIGHT_SEND, claims));
                socket::send(&link, &packet(MESSAGE, 0, 1, payload), &[&given]);
                drop(given);
                let (link, slot, use_) = opened(&own);
                deed(&link, slot, use_);
                line.go();
                line.wait();
            }
        },
    );
}

#[test]
fn who_kept_a_copy_of_a_link_reads_no_replies_and_sends_none() {
    two(
        "slots::who_kept_a_copy_of_a_link_reads_no_replies_and_sends_none",
        |line, _| {
            let victim = serve(&line);
            let (given, _) = receive(victim).only_port();
            let replies = made::port();
            for id in 0..2 {
                Letter::to(given, MACH_MSG_TYPE_COPY_SEND)
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .id(id)
                    .send();
            }
            line.go();
            for id in 2..4 {
                assert_eq!(receive(replies).id(), id);
            }
            line.go();
            line.wait();
            assert_eq!(drain(replies), [0; 0]);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            let (own, given) = pair(SockType::SeqPacket);
            let payload = carrying(1, 17, right(RIGHT_SEND, [1, 0, 0, 0]));
            socket::send(&link, &packet(MESSAGE, 0, 1, payload), &[&given]);
            let (way, slot, use_) = opened(&own);
            line.wait();
            // Back over the link itself: nobody reads there but who kept the copy.
            socket::send(&own, &about(slot, use_, plain(REPLY, 66)), &[]);
            socket::send(&way, &about(slot, use_, plain(REPLY, 2)), &[]);
            socket::send(&way, &about(slot + 1, use_, plain(REPLY, 3)), &[]);
            line.wait();
            let mut fds = [PollFd::new(given.as_fd(), PollFlags::POLLIN)];
            assert_eq!(poll(&mut fds, PollTimeout::ZERO), Ok(1));
            assert_eq!(socket::receive(&given).0[4], REPLY);
            assert_eq!(poll(&mut fds, PollTimeout::ZERO), Ok(0));
            line.go();
        },
    );
}

#[test]
fn a_way_back_that_ends_is_the_end_of_its_rights_and_of_nothing_else() {
    two(
        "slots::a_way_back_that_ends_is_the_end_of_its_rights_and_of_nothing_else",
        |line, _| {
            let victim = serve(&line);
            let (other, _) = receive(victim).only_port();
            let replies = made::port();
            let ask = |id| {
                Letter::to(other, MACH_MSG_TYPE_COPY_SEND)
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .id(id)
                    .send();
            };
            for id in 0..2 {
                ask(id);
                assert_eq!(receive(replies).id(), MACH_NOTIFY_SEND_ONCE);
            }
            ask(2);
            assert_eq!(receive(replies).id(), 2);
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            let (own, given) = pair(SockType::SeqPacket);
            let payload = carrying(1, 17, right(RIGHT_SEND, [1, 0, 0, 0]));
            socket::send(&link, &packet(MESSAGE, 0, 1, payload), &[&given]);
            drop(given);
            let (back, ..) = opened(&own);
            shutdown(back.as_raw_fd(), Shutdown::Write).expect("a socket");
            let (back, ..) = opened(&own);
            drop(back);
            let (back, slot, use_) = opened(&own);
            socket::send(&back, &about(slot, use_, plain(REPLY, 2)), &[]);
            line.wait();
        },
    );
}
