//! Links without room for what has to be said.

use std::os::fd::BorrowedFd;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::Pid;
use rendezvous_tests::in_flight::many;
use rendezvous_tests::letter::{Buffer, Letter, receive};
use rendezvous_tests::raw::{deallocate, made, set_limit, status, type_of};
use rendezvous_tests::second::Line;

use super::sides::*;
use super::stopping::{go_on, stop, until_stopped};

/// What it is doubled to has room for some two hundred copies.
const BUFFER: usize = 80 << 10;

/// Fills the way to the other side's port up to the last: each copy of a right has a link sent ahead over it. The other
/// side has stopped.
fn fill_up(line: &Line, serving: mach_port_name_t) {
    limit_buffers();
    let copies = |count: usize| {
        (0..count).fold(line.letter(), |letter, _| {
            letter.port(serving, MACH_MSG_TYPE_COPY_SEND)
        })
    };
    while copies(20).try_send() == MACH_MSG_SUCCESS {}
    assert_eq!(copies(1).try_send(), MACH_SEND_NO_BUFFER);
}

/// Has the links that this process sends by have less room: each copy is on its way until it is received, and an ordinary user
/// may not have many there.
fn limit_buffers() {
    let files = std::fs::read_dir("/proc/self/fd").expect("the open files");
    for file in files.flatten() {
        let number = file
            .file_name()
            .to_string_lossy()
            .parse()
            .expect("a number");
        // SAFETY: nobody closes it meanwhile: this is the only thread that does anything. What is no socket refuses it.
        let socket = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = setsockopt(&socket, sockopt::SndBuf, &BUFFER);
    }
}

/// The other side receives what the filling sent.
fn receive_copies(line: &Line, last: i32) {
    loop {
        let mut buffer = Buffer::new(4096);
        let code = buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 4096, line.own, 10_000);
        assert_eq!(code, MACH_MSG_SUCCESS);
        if buffer.id() == last {
            return;
        }
    }
}

#[test]
fn a_death_that_finds_no_room_is_told_later() {
    apart(
        "room::a_death_that_finds_no_room_is_told_later",
        |line, process| {
            let _many = many();
            let replier = Pid::from_raw(process.id() as i32);
            let (serving, replies) = begin(&line);
            let dying = made::port();
            for id in 0..4 {
                ask_at(serving, dying, id);
            }
            ask_at(serving, replies, 4);
            until_stopped(replier);
            fill_up(&line, serving);
            made::kill(dying);
            assert_eq!(
                line.letter()
                    .port(serving, MACH_MSG_TYPE_COPY_SEND)
                    .try_send(),
                MACH_SEND_NO_BUFFER
            );
            line.letter().id(50).send();
            go_on(replier);
            // Behind the answers for all that were gone.
            assert_eq!(receive(replies).id(), 4);
            let before = sockets();
            for id in 0..SLOTS {
                ask_at(serving, replies, id as i32);
            }
            assert!(sockets() <= before);
            assert_eq!(heard(replies, SLOTS), Vec::from_iter(0..SLOTS as i32));
        },
        |line| {
            assert_eq!(set_limit(line.own, MACH_PORT_QLIMIT_MAX), KERN_SUCCESS);
            let serving = begun(&line);
            let rights: Vec<_> = (0..5).map(|_| receive(serving).remote()).collect();
            stop();
            receive_copies(&line, 50);
            for &right in &rights[..4] {
                while type_of(right) == Ok(MACH_PORT_TYPE_SEND_ONCE) {
                    std::thread::yield_now();
                }
                assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
                assert_eq!(deallocate(right), KERN_SUCCESS);
            }
            reply(rights[4], 4);
            for id in 0..SLOTS {
                let mail = receive(serving);
                assert_eq!(mail.id(), id as i32);
                reply(mail.remote(), mail.id());
            }
        },
    );
}

#[test]
fn a_port_whose_move_finds_no_room_stays_as_it_was() {
    apart(
        "room::a_port_whose_move_finds_no_room_stays_as_it_was",
        |line, process| {
            let _many = many();
            let replier = Pid::from_raw(process.id() as i32);
            let (serving, replies) = begin(&line);
            let other = made::port();
            for id in 0..4 {
                ask_at(serving, replies, id);
            }
            ask_at(serving, other, 4);
            // One reply lies unread.
            until_stopped(replier);
            fill_up(&line, serving);
            let letter = line.letter().port(replies, MACH_MSG_TYPE_MOVE_RECEIVE);
            let mut buffer = letter.buffer(letter.size());
            let code = buffer.mach_msg(MACH_SEND_MSG, letter.size(), 0, MACH_PORT_NULL, 0);
            assert_eq!(code, MACH_SEND_NO_BUFFER);
            let (replies, _) = buffer.only_port();
            assert_eq!(type_of(replies), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!(status(replies).unwrap().sorights, 4);
            line.letter().id(50).send();
            go_on(replier);
            assert_eq!(heard(replies, 4), [0, 1, 2, 3]);
            assert_eq!(receive(other).id(), 4);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            assert_eq!(set_limit(line.own, MACH_PORT_QLIMIT_MAX), KERN_SUCCESS);
            let serving = begun(&line);
            let rights: Vec<_> = (0..5).map(|_| receive(serving).remote()).collect();
            reply(rights[0], 0);
            stop();
            receive_copies(&line, 50);
            for (id, &right) in rights.iter().enumerate().skip(1) {
                reply(right, id as i32);
            }
        },
    );
}

#[test]
fn the_longest_replies_come_back_though_nobody_receives() {
    const LONGEST: usize = 2 << 20;
    apart(
        "room::the_longest_replies_come_back_though_nobody_receives",
        |line, _| {
            let (serving, replies) = begin(&line);
            for id in 0..SLOTS {
                ask_at(serving, replies, id as i32);
            }
            line.wait();
            for id in 0..SLOTS as i32 {
                let mut buffer = Buffer::new(LONGEST + 128);
                let (option, room) = (MACH_RCV_MSG | MACH_RCV_TIMEOUT, buffer.len());
                assert_eq!(buffer.mach_msg(option, 0, room, replies, 10_000), 0);
                let longest = [LONGEST, 30_000, 2_000][id as usize % 3];
                assert_eq!((buffer.id(), buffer.size()), (id, 24 + longest));
            }
            assert_eq!(status(replies).unwrap().sorights, 0);
            // The link has not ended.
            assert_eq!(type_of(serving), Ok(MACH_PORT_TYPE_SEND));
            line.go();
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..SLOTS).map(|_| receive(serving).remote()).collect();
            for (id, &right) in rights.iter().enumerate() {
                Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                    .id(id as i32)
                    .inline(&vec![7; [LONGEST, 30_000, 2_000][id % 3]])
                    .send();
            }
            line.go();
            line.wait();
        },
    );
}
