//! Ports that die or move while rights to them, or rights that came to them, are slots.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, poll, receive};
use rendezvous_tests::raw::{
    deallocate, made, mod_refs, request_notification, set_limit, status, type_of,
};

use super::sides::*;

#[test]
fn a_port_dies_and_its_rights_with_it() {
    apart(
        "departure::a_port_dies_and_its_rights_with_it",
        |line, _| {
            let (dying, other) = (made::port(), made::port());
            let before = warm_up(&line, other);
            // More than once round: the slots must become free though nobody reads for the dead port.
            for _ in 0..4 {
                let dying = made::port();
                ask(&line, dying, SLOTS / 2);
                made::kill(dying);
                line.wait();
                assert!(sockets() <= before);
                request(&line, other, 0);
                assert_eq!(receive(other).id(), 1);
            }
            made::kill(dying);
        },
        |line| {
            warmed_up(&line);
            for _ in 0..4 {
                let rights = asked(&line, SLOTS / 2);
                // The port's end is behind the last message.
                while type_of(rights[0]) == Ok(MACH_PORT_TYPE_SEND_ONCE) {
                    std::thread::yield_now();
                }
                for &right in &rights {
                    assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
                    assert_eq!(deallocate(right), KERN_SUCCESS);
                }
                line.go();
                reply(asked(&line, 1)[0], 1);
            }
        },
    );
}

#[test]
fn a_reply_that_crosses_the_ports_death_is_destroyed() {
    apart(
        "departure::a_reply_that_crosses_the_ports_death_is_destroyed",
        |line, _| {
            let (dying, other, carried) = (made::port(), made::port(), made::port());
            warm_up(&line, other);
            request(&line, dying, 0);
            line.letter()
                .port(carried, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.wait();
            // The reply, with a right, lies unread.
            made::kill(dying);
            assert_eq!(heard(carried, 1), [MACH_NOTIFY_SEND_ONCE]);
        },
        |line| {
            warmed_up(&line);
            let right = asked(&line, 1)[0];
            let (carried, _) = line.next().only_port();
            Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .port(carried, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            line.go();
        },
    );
}

#[test]
fn a_port_moves_with_rights_open() {
    apart(
        "departure::a_port_moves_with_rights_open",
        |line, _| {
            let (moving, staying) = (made::port(), made::port());
            warm_up(&line, staying);
            ask(&line, moving, 6);
            request(&line, staying, 6);
            // Some have been answered, and lie unread in the link; one answer is in the queue.
            line.wait();
            assert_eq!(status(moving).unwrap().msgcount, 2);
            line.letter()
                .port(moving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            assert_eq!(receive(staying).id(), 6);
            assert_eq!(status(staying).unwrap().sorights, 0);
            // There are slots again.
            let before = warm_up(&line, staying);
            ask(&line, staying, SLOTS);
            assert!(sockets() <= before);
            assert_eq!(heard(staying, SLOTS), [7; SLOTS]);
        },
        |line| {
            warmed_up(&line);
            let rights = asked(&line, 7);
            reply(rights[0], 0);
            reply(rights[1], 1);
            line.go();
            // One is answered after the port has left, and before this side has read of it.
            let (moved, _) = line.next().only_port();
            for (id, &right) in (2..5).zip(&rights[2..5]) {
                reply(right, id);
            }
            assert_eq!(deallocate(rights[5]), KERN_SUCCESS);
            reply(rights[6], 6);
            assert_eq!(heard(moved, 6), [0, 1, 2, 3, 4, MACH_NOTIFY_SEND_ONCE]);
            assert_eq!(status(moved).unwrap().sorights, 0);
            warmed_up(&line);
            for right in asked(&line, SLOTS) {
                reply(right, 7);
            }
        },
    );
}

#[test]
fn the_port_that_the_requests_came_to_moves() {
    apart(
        "departure::the_port_that_the_requests_came_to_moves",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            let (serving, _) = line.next().only_port();
            for id in 0..6 {
                ask_at(serving, replies, id);
            }
            line.go();
            // It comes home, with two requests unread and two more in its queue's link.
            let (port, disposition) = line.next().only_port();
            assert_eq!((port, disposition), (serving, MACH_MSG_TYPE_PORT_RECEIVE));
            for id in 2..6 {
                let mail = receive(port);
                assert_eq!(mail.id(), id);
                reply(mail.remote(), id);
            }
            line.go();
            assert_eq!(heard(replies, 6), [0, 1, 2, 3, 4, 5]);
            assert_eq!(status(replies).unwrap().sorights, 0);
            assert_eq!(status(port).unwrap().srights, 1);
        },
        |line| {
            warmed_up(&line);
            let serving = made::port();
            assert_eq!(set_limit(serving, 6), KERN_SUCCESS);
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            let held: Vec<_> = (0..2).map(|_| receive(serving).remote()).collect();
            line.letter()
                .port(serving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            line.wait();
            for (id, right) in held.into_iter().enumerate() {
                reply(right, id as i32);
            }
        },
    );
}

#[test]
fn the_port_that_the_requests_came_to_dies() {
    apart(
        "departure::the_port_that_the_requests_came_to_dies",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            let (serving, _) = line.next().only_port();
            for id in 0..6 {
                ask_at(serving, replies, id);
            }
            line.go();
            line.wait();
            assert_eq!(type_of(serving), Ok(MACH_PORT_TYPE_DEAD_NAME));
            line.go();
            // What was received before can still be answered; the rest was destroyed.
            let mut expected = vec![0, 1];
            expected.extend([MACH_NOTIFY_SEND_ONCE; 4]);
            assert_eq!(heard(replies, 6), expected);
        },
        |line| {
            warmed_up(&line);
            let serving = made::port();
            assert_eq!(set_limit(serving, 6), KERN_SUCCESS);
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            let held: Vec<_> = (0..2).map(|_| receive(serving).remote()).collect();
            made::kill(serving);
            line.go();
            line.wait();
            for (id, right) in held.into_iter().enumerate() {
                reply(right, id as i32);
            }
        },
    );
}

#[test]
fn the_last_send_right_goes_while_a_reply_is_due() {
    apart(
        "departure::the_last_send_right_goes_while_a_reply_is_due",
        |line, _| {
            let replies = made::port();
            let before = warm_up(&line, replies);
            let (serving, _) = line.next().only_port();
            Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(deallocate(serving), KERN_SUCCESS);
            // The other side is told that there is no sender, before it replies.
            assert_eq!(receive(replies).id(), 5);
            assert!(sockets() <= before);
        },
        |line| {
            warmed_up(&line);
            let (serving, told) = (made::port(), made::port());
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            let previous = request_notification(
                serving,
                MACH_NOTIFY_NO_SENDERS,
                1,
                told,
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
            assert_eq!(previous, Ok(MACH_PORT_NULL));
            let right = receive(serving).remote();
            assert_eq!(receive(told).id(), MACH_NOTIFY_NO_SENDERS);
            assert_eq!(status(serving).unwrap().srights, 0);
            reply(right, 5);
        },
    );
}

#[test]
fn the_port_dies_after_the_last_send_right_went() {
    apart(
        "departure::the_port_dies_after_the_last_send_right_went",
        |line, _| {
            let (dying, replies) = (made::port(), made::port());
            let before = warm_up(&line, replies);
            let (serving, _) = line.next().only_port();
            Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                .reply(dying, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(deallocate(serving), KERN_SUCCESS);
            line.go();
            made::kill(dying);
            line.wait();
            // The background thread has seen the last answer, or soon does.
            while sockets() > before {
                std::thread::yield_now();
            }
        },
        |line| {
            warmed_up(&line);
            let serving = made::port();
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            let right = receive(serving).remote();
            line.wait();
            while type_of(right) == Ok(MACH_PORT_TYPE_SEND_ONCE) {
                std::thread::yield_now();
            }
            assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
            line.go();
        },
    );
}

#[test]
fn a_right_goes_on_to_another_port_and_back() {
    apart(
        "departure::a_right_goes_on_to_another_port_and_back",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            ask(&line, replies, 2);
            // It comes back, and is a right of this task's.
            let (right, disposition) = line.next().only_port();
            assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
            assert_eq!(poll(replies), None);
            assert_eq!(status(replies).unwrap().sorights, 2);
            reply(right, 3);
            assert_eq!(receive(replies).id(), 3);
            line.go();
            assert_eq!(receive(replies).id(), 4);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            warmed_up(&line);
            let rights = asked(&line, 2);
            // Within the task it stays what it is.
            let inner = made::port();
            Letter::to(inner, MACH_MSG_TYPE_MAKE_SEND)
                .port(rights[1], MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            line.letter()
                .port(rights[0], MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            line.wait();
            reply(receive(inner).only_port().0, 4);
        },
    );
}

#[test]
fn a_right_to_send_is_handed_on_while_it_has_slots() {
    apart(
        "departure::a_right_to_send_is_handed_on_while_it_has_slots",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            let (serving, _) = line.next().only_port();
            ask_at(serving, replies, 1);
            // Home, as a copy and then as the last: the port's owner knows it by its name.
            line.letter().port(serving, MACH_MSG_TYPE_COPY_SEND).send();
            line.letter().port(serving, MACH_MSG_TYPE_MOVE_SEND).send();
            assert_eq!(receive(replies).id(), 2);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            warmed_up(&line);
            let serving = made::port();
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            for _ in 0..2 {
                let (name, disposition) = line.next().only_port();
                assert_eq!((name, disposition), (serving, MACH_MSG_TYPE_PORT_SEND));
            }
            assert_eq!(mod_refs(serving, MACH_PORT_RIGHT_SEND, -2), KERN_SUCCESS);
            reply(receive(serving).remote(), 2);
        },
    );
}

#[test]
fn there_is_a_sender_while_the_way_back_is_made() {
    apart(
        "departure::there_is_a_sender_while_the_way_back_is_made",
        |line, _| {
            let replies = made::port();
            let (serving, _) = line.next().only_port();
            // The first request of all: the way back goes ahead.
            Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(receive(replies).id(), 5);
            line.go();
            line.wait();
            assert_eq!(deallocate(serving), KERN_SUCCESS);
        },
        |line| {
            let (serving, told) = (made::port(), made::port());
            line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            let previous = request_notification(
                serving,
                MACH_NOTIFY_NO_SENDERS,
                1,
                told,
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
            assert_eq!(previous, Ok(MACH_PORT_NULL));
            reply(receive(serving).remote(), 5);
            line.wait();
            assert_eq!(status(serving).unwrap().srights, 1);
            assert_eq!(poll(told), None);
            line.go();
            assert_eq!(receive(told).id(), MACH_NOTIFY_NO_SENDERS);
        },
    );
}
