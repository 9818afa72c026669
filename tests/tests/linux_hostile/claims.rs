//! Claims that a right is another port's.

use std::collections::HashSet;
use std::os::fd::OwnedFd;

use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use mach_ports::ffi::port::{MACH_PORT_RIGHT_SEND, MACH_PORT_TYPE_SEND};
use nix::sys::socket::SockType;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{self, made};
use rendezvous_tests::second::{serve, told_name, two};

use super::packet::{MESSAGE, RIGHT_NULL, RIGHT_SEND, carrying, message, packet, right};
use super::socket::{self, link_to, pair};

const SEND: u8 = 17;

/// Sends a right that the given numbers are claimed of.
fn claim(over: &OwnedFd, id: i32, end: &OwnedFd, numbers: [u64; 4]) {
    let payload = carrying(id, SEND, right(RIGHT_SEND, numbers));
    socket::send(over, &packet(MESSAGE, 0, 1, payload), &[end]);
}

/// What the victim gave away: the sending end, and its numbers, out of the packet that it came in.
fn taken_apart(bytes: &[u8]) -> [u64; 4] {
    let kind = RIGHT_SEND.to_ne_bytes();
    let at = (16..=bytes.len() - 40)
        .step_by(4)
        .find(|&at| bytes[at..at + 4] == kind && bytes[at + 4..at + 8] == [0; 4])
        .expect("a send right in the packet");
    std::array::from_fn(|i| {
        let at = at + 8 + 8 * i;
        u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
    })
}

/// The next message: what the victim asks of the end by other packets, it is not told.
fn message_from(own: &OwnedFd) -> (Vec<u8>, Vec<OwnedFd>) {
    loop {
        let (bytes, ends) = socket::receive(own);
        if bytes[4] == MESSAGE {
            return (bytes, ends);
        }
    }
}

/// Where the first numbers of a task's ports are.
fn guesses() -> impl Iterator<Item = u64> {
    (1..4u64).flat_map(|version| (0..16).map(move |slot| version << 32 | slot))
}

#[test]
fn a_claim_in_bytes_joins_no_name() {
    two(
        "claims::a_claim_in_bytes_joins_no_name",
        |line, _| {
            let port = made::port_with_send();
            let victim = serve(&line);
            // The liar has a port of its own, and gets a right to the victim's through it.
            let (liar, _) = receive(victim).only_port();
            let gift = Letter::to(liar, MACH_MSG_TYPE_COPY_SEND);
            gift.port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            let known: HashSet<u32> = raw::names().expect("names").iter().map(|n| n.0).collect();
            let allowed = [liar, line.other];
            loop {
                let message = receive(victim);
                let (name, _) = message.only_port();
                if message.id() == 2 {
                    // The true sending end needs no claim.
                    assert_eq!(name, port);
                    break;
                }
                assert!(
                    !known.contains(&name) || allowed.contains(&name),
                    "{message:x?}"
                );
                assert_eq!(raw::type_of(name), Ok(MACH_PORT_TYPE_SEND));
            }
            assert_eq!(raw::refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            let (own, given) = pair(SockType::SeqPacket);
            claim(&link, 1, &given, [u64::MAX, 0, 0, 0]);
            let (bytes, ends) = message_from(&own);
            let [number, id, via, root] = taken_apart(&bytes);
            let mut lies = vec![
                [number, id, via, root],
                [0, id, 0, 0],
                [0, 0, id, 0],
                [0, id, id, id],
                [0, 0, 0, root],
                [number, 0, 0, 0],
            ];
            lies.extend(guesses().map(|guess| [guess, id, id, root]));
            let mut kept = Vec::new();
            for lie in lies {
                let (mine, end) = pair(SockType::SeqPacket);
                claim(&link, 1, &end, lie);
                kept.push(mine);
            }
            claim(&link, 2, &ends[0], [u64::MAX - 1, 0, 0, 0]);
            line.wait();
        },
    );
}

#[test]
fn a_liar_fools_only_about_what_came_from_it() {
    two(
        "claims::a_liar_fools_only_about_what_came_from_it",
        |line, _| {
            let victim = serve(&line);
            let (first, _) = receive(victim).only_port();
            let (second, _) = receive(victim).only_port();
            assert_eq!(first, second, "one number of one sender's is one port");
            let (third, _) = receive(victim).only_port();
            assert_ne!(first, third);
            assert_eq!(raw::refs(first, MACH_PORT_RIGHT_SEND), Ok(2));
            Letter::to(second, MACH_MSG_TYPE_COPY_SEND).id(7).send();
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            let (mine, end) = pair(SockType::SeqPacket);
            let (_other, another) = pair(SockType::SeqPacket);
            claim(&link, 1, &end, [u64::MAX, 0, 0, 0]);
            claim(&link, 1, &another, [u64::MAX, 0, 0, 0]);
            claim(&link, 1, &another, [u64::MAX - 1, 0, 0, 0]);
            // What is sent to the one name goes the way that came first.
            let (bytes, _) = message_from(&mine);
            assert_eq!(bytes[20], 7);
            line.wait();
        },
    );
}

#[test]
fn an_end_that_sends_itself_is_a_port_like_others() {
    two(
        "claims::an_end_that_sends_itself_is_a_port_like_others",
        |line, _| {
            let victim = serve(&line);
            let (name, _) = receive(victim).only_port();
            assert_ne!(name, victim);
            assert_eq!(receive(victim).id(), 9);
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            // A link's own sending end, sent over itself, is no proof that it leads to the port: nobody has to
            // believe it, and nobody may be harmed by it.
            let (_mine, end) = pair(SockType::SeqPacket);
            claim(&link, 1, &end, [0, 0, 0, 0]);
            let plain = message(9, 0, 0, 0, 0).then(right(RIGHT_NULL, [0; 4]));
            socket::send(&link, &packet(MESSAGE, 0, 0, plain), &[]);
            line.wait();
        },
    );
}
