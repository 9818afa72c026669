//! A side that is killed while both directions of the link are full.

use std::thread;

use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::{deallocate, made, status, type_of};

use super::sides::*;

/// How many of the rights are answered, and lie unread.
const ANSWERED: usize = 10;
/// How many more are received.
const HELD: usize = 10;

/// Replies that fill the way back as far as replies may.
fn answer(rights: &[mach_port_name_t]) {
    for (id, &right) in rights.iter().enumerate() {
        Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE)
            .id(id as i32)
            .inline(&[1; 1024])
            .send();
    }
}

/// Sends until there is no room: how many were sent.
fn fill(port: mach_port_name_t) -> usize {
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).inline(&[2; 512]);
    (0..)
        .find(|_| letter.try_send() != MACH_MSG_SUCCESS)
        .expect("a limit")
}

#[test]
fn the_replier_is_killed() {
    apart_until_killed(
        "ends::the_replier_is_killed",
        |line, process| {
            let replies = made::port();
            let (serving, _) = line.next().only_port();
            let before = sockets();
            for id in 0..SLOTS {
                ask_at(serving, replies, id as i32);
            }
            line.wait();
            assert!(fill(serving) > 1);
            process.kill();
            let mut expected = Vec::from_iter(0..ANSWERED as i32);
            expected.extend([MACH_NOTIFY_SEND_ONCE; SLOTS - ANSWERED]);
            assert_eq!(heard_large(replies, SLOTS), expected);
            assert_eq!(status(replies).unwrap().sorights, 0);
            assert_eq!(type_of(serving), Ok(MACH_PORT_TYPE_DEAD_NAME));
            assert!(sockets() < before);
        },
        |line| {
            let serving = wide();
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            let rights: Vec<_> = (0..ANSWERED + HELD)
                .map(|_| receive(serving).remote())
                .collect();
            answer(&rights[..ANSWERED]);
            line.go();
            thread::park();
        },
    );
}

#[test]
fn the_requester_is_killed() {
    apart_until_killed(
        "ends::the_requester_is_killed",
        |line, process| {
            let (serving, told) = (wide(), made::port());
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            line.letter().port(told, MACH_MSG_TYPE_MAKE_SEND).send();
            let rights: Vec<_> = (0..ANSWERED + HELD)
                .map(|_| receive(serving).remote())
                .collect();
            answer(&rights[..ANSWERED]);
            line.go();
            let sent = receive(told).id() as usize;
            process.kill();
            // All that was sent arrives, though its sender never read what had come back.
            for _ in ANSWERED + HELD..SLOTS {
                assert_eq!(receive(serving).remote(), MACH_PORT_DEAD);
            }
            for _ in 0..sent {
                assert_eq!(receive_large(serving).size(), 24 + 512);
            }
            assert_eq!(drain(serving), [0; 0]);
            for &right in &rights[ANSWERED..] {
                assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
                deallocate(right);
            }
            assert_eq!(status(serving).unwrap().srights, 0);
        },
        |line| {
            let replies = made::port();
            let (serving, _) = line.next().only_port();
            let (told, _) = line.next().only_port();
            for id in 0..SLOTS {
                ask_at(serving, replies, id as i32);
            }
            line.wait();
            let sent = fill(serving);
            Letter::to(told, MACH_MSG_TYPE_COPY_SEND)
                .id(sent as i32)
                .send();
            thread::park();
        },
    );
}
