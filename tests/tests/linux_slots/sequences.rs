//! Several things one after the other, and what is said of rights meanwhile.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, Letter, SOON, receive, receive_with};
use rendezvous_tests::raw::{deallocate, destroy, made, status, type_of};

use super::sides::*;
use super::stopping::{go_on, stop, until_stopped};

#[test]
fn the_last_send_right_goes_then_a_port_dies_then_another_moves() {
    apart(
        "sequences::the_last_send_right_goes_then_a_port_dies_then_another_moves",
        |line, process| {
            let before = sockets();
            let (serving, staying) = begin(&line);
            let (dying, moving) = (made::port(), made::port());
            for (id, port) in [staying, dying, moving, moving].into_iter().enumerate() {
                ask_at(serving, port, id as i32);
            }
            let replier = nix::unistd::Pid::from_raw(process.id() as i32);
            until_stopped(replier);
            assert_eq!(deallocate(serving), KERN_SUCCESS);
            made::kill(dying);
            line.letter()
                .port(moving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            go_on(replier);
            assert_eq!(receive(staying).id(), 0);
            line.wait();
            made::kill(staying);
            assert!(sockets() <= before + 1);
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..4).map(|_| receive(serving).remote()).collect();
            stop();
            assert_eq!(type_of(rights[1]), Ok(MACH_PORT_TYPE_DEAD_NAME));
            assert_eq!(status(serving).unwrap().srights, 0);
            for id in [0, 2, 3] {
                reply(rights[id], id as i32);
            }
            let (moved, _) = line.next().only_port();
            assert_eq!(heard(moved, 2), [2, 3]);
            line.go();
        },
    );
}

#[test]
fn a_reply_carries_the_port_that_the_request_came_to() {
    apart(
        "sequences::a_reply_carries_the_port_that_the_request_came_to",
        |line, _| {
            let (serving, replies) = begin(&line);
            for id in 0..4 {
                ask_at(serving, replies, id);
            }
            let mail = receive(replies);
            assert_eq!(mail.id(), 0);
            let (port, disposition) = mail.only_port();
            assert_eq!((port, disposition), (serving, MACH_MSG_TYPE_PORT_RECEIVE));
            for id in 2..4 {
                let mail = receive(port);
                assert_eq!(mail.id(), id);
                reply(mail.remote(), id);
            }
            assert_eq!(heard(replies, 3), [1, 2, 3]);
            assert_eq!(status(replies).unwrap().sorights, 0);
            assert_eq!(status(port).unwrap().srights, 1);
            line.go();
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..2).map(|_| receive(serving).remote()).collect();
            Letter::to(rights[0], MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .id(0)
                .port(serving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            reply(rights[1], 1);
            line.wait();
        },
    );
}

/// The request carries a send-once right to the port in its body, beside the reply right.
#[test]
fn a_request_carries_a_right_and_the_reply_another() {
    apart(
        "sequences::a_request_carries_a_right_and_the_reply_another",
        |line, _| {
            let (serving, replies) = begin(&line);
            Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(status(replies).unwrap().sorights, 2);
            let mail = receive(replies);
            let (right, disposition) = mail.only_port();
            assert_eq!((mail.id(), disposition), (1, MACH_MSG_TYPE_PORT_SEND_ONCE));
            assert_eq!(status(replies).unwrap().sorights, 1);
            reply(right, 2);
            assert_eq!(heard(replies, 1), [2]);
            line.go();
        },
        |line| {
            let serving = begun(&line);
            let mail = receive(serving);
            let (carried, _) = mail.only_port();
            Letter::to(mail.remote(), MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .id(1)
                .port(carried, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            line.wait();
        },
    );
}

#[test]
fn a_request_that_does_not_fit_stays_or_goes_with_its_right() {
    apart(
        "sequences::a_request_that_does_not_fit_stays_or_goes_with_its_right",
        |line, _| {
            let (serving, replies) = begin(&line);
            let before = sockets();
            for id in 0..2 {
                Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .id(id)
                    .inline(&[5; 12_000])
                    .send();
            }
            assert!(sockets() <= before);
            line.wait();
            assert_eq!(status(replies).unwrap().sorights, 2);
            line.go();
            assert_eq!(
                heard(replies, 2),
                [10, mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE]
            );
            assert_eq!(status(replies).unwrap().sorights, 0);
            line.go();
        },
        |line| {
            let serving = begun(&line);
            for _ in 0..3 {
                let large = receive_with(serving, MACH_RCV_LARGE, SOON).map(|_| ());
                assert_eq!(large, Err(MACH_RCV_TOO_LARGE));
            }
            line.go();
            line.wait();
            let mut buffer = Buffer::new(16_000);
            let option = MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_TIMEOUT;
            assert_eq!(buffer.mach_msg(option, 0, 16_000, serving, SOON), 0);
            assert_eq!(type_of(buffer.remote()), Ok(MACH_PORT_TYPE_SEND_ONCE));
            reply(buffer.remote(), 10);
            // The second is destroyed, and its right with it.
            let small = receive_with(serving, 0, SOON).map(|_| ());
            assert_eq!(small, Err(MACH_RCV_TOO_LARGE));
            line.wait();
        },
    );
}

/// Replies, and messages by links and of the task's own, are received in the order in which they were sent.
#[test]
fn replies_keep_their_order_among_what_comes_otherwise() {
    apart(
        "sequences::replies_keep_their_order_among_what_comes_otherwise",
        |line, _| {
            let (serving, replies) = begin(&line);
            for _ in 0..3 {
                // The port has no other source at first, and one more each time.
                for id in 0..4 {
                    ask_at(serving, replies, id);
                }
                let own = made::send_once(replies);
                Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                    .id(4)
                    .port(replies, MACH_MSG_TYPE_MAKE_SEND)
                    .send();
                line.wait();
                reply(own, 90);
                line.go();
                line.wait();
                let ids: Vec<_> = (0..7).map(|_| receive(replies).id()).collect();
                assert_eq!(ids, [0, 50, 1, 90, 2, 51, 3]);
            }
        },
        |line| {
            let serving = begun(&line);
            for _ in 0..3 {
                let rights: Vec<_> = (0..4).map(|_| receive(serving).remote()).collect();
                let (send, _) = receive(serving).only_port();
                let by_link = |id| Letter::to(send, MACH_MSG_TYPE_COPY_SEND).id(id).send();
                reply(rights[0], 0);
                by_link(50);
                reply(rights[1], 1);
                line.go();
                line.wait();
                reply(rights[2], 2);
                by_link(51);
                reply(rights[3], 3);
                assert_eq!(deallocate(send), KERN_SUCCESS);
                line.go();
            }
        },
    );
}

#[test]
fn the_count_of_rights_is_right_in_every_state() {
    apart(
        "sequences::the_count_of_rights_is_right_in_every_state",
        |line, _| {
            let (serving, replies) = begin(&line);
            let count = || status(replies).unwrap().sorights;
            let own = made::send_once(replies);
            assert_eq!(count(), 1);
            for id in 0..5 {
                ask_at(serving, replies, id);
            }
            assert_eq!(count(), 6);
            // They have been received, and one has become a link's.
            line.wait();
            assert_eq!(count(), 6);
            // One has been used, one was given up, one has come home: a message, a notification, a right of this task's.
            line.go();
            let (home, _) = line.next().only_port();
            assert_eq!(count(), 6);
            assert_eq!(status(replies).unwrap().msgcount, 2);
            assert_eq!(receive(replies).id(), 0);
            assert_eq!(count(), 5);
            assert_eq!(
                receive(replies).id(),
                mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE
            );
            assert_eq!(count(), 4);
            reply(home, 2);
            reply(own, 9);
            assert_eq!(heard(replies, 2), [2, 9]);
            assert_eq!(count(), 2);
            line.go();
            assert_eq!(heard(replies, 2), [3, 4]);
            assert_eq!(count(), 0);
            line.go();
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..5).map(|_| receive(serving).remote()).collect();
            let told = made::port();
            let previous = rendezvous_tests::raw::request_notification(
                rights[3],
                mach_ports::ffi::notify::MACH_NOTIFY_DEAD_NAME,
                0,
                told,
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
            assert_eq!(previous, Ok(MACH_PORT_NULL));
            line.go();
            line.wait();
            reply(rights[0], 0);
            assert_eq!(deallocate(rights[1]), KERN_SUCCESS);
            line.letter()
                .port(rights[2], MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            line.wait();
            reply(rights[3], 3);
            reply(rights[4], 4);
            line.wait();
            assert_eq!(destroy(told), KERN_SUCCESS);
        },
    );
}
