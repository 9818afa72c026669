//! Three tasks: ports, and rights that are slots, that go on to another one.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{deallocate, made, status, type_of};

use super::sides::*;

#[test]
fn the_port_that_the_requests_came_to_goes_on() {
    apart_three(
        "third::the_port_that_the_requests_came_to_goes_on",
        |replier, new_holder| {
            let (serving, replies) = begin(&replier);
            for id in 0..4 {
                ask_at(serving, replies, id);
            }
            // Two have been received, two have been read.
            replier.wait();
            for id in 4..8 {
                ask_at(serving, replies, id);
            }
            replier.go();
            // The new holder has it.
            new_holder.wait();
            for id in 8..10 {
                ask_at(serving, replies, id);
            }
            assert_eq!(status(replies).unwrap().sorights, 10);
            replier.go();
            new_holder.go();
            let mut expected = Vec::from_iter(0..9);
            expected.push(MACH_NOTIFY_SEND_ONCE);
            assert_eq!(heard(replies, 10), expected);
            assert_eq!(status(replies).unwrap().sorights, 0);
            // Slots as before, by the new holder.
            let before = sockets();
            for id in 0..SLOTS {
                ask_at(serving, replies, id as i32);
            }
            assert!(sockets() <= before);
            assert_eq!(heard(replies, SLOTS), Vec::from_iter(0..SLOTS as i32));
            new_holder.go();
        },
        |requester, new_holder| {
            let serving = begun(&requester);
            let held: Vec<_> = (0..2).map(|_| receive(serving).remote()).collect();
            // A look at a right reads on behind its message.
            assert_eq!(type_of(held[0]), Ok(MACH_PORT_TYPE_SEND_ONCE));
            requester.go();
            requester.wait();
            new_holder
                .letter()
                .port(serving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            requester.wait();
            for (id, right) in held.into_iter().enumerate() {
                reply(right, id as i32);
            }
        },
        |requester, replier| {
            let (serving, _) = replier.next().only_port();
            requester.go();
            requester.wait();
            for id in 2..10 {
                let mail = receive(serving);
                assert_eq!(mail.id(), id);
                if id == 9 {
                    assert_eq!(deallocate(mail.remote()), KERN_SUCCESS);
                } else {
                    reply(mail.remote(), id);
                }
            }
            for id in 0..SLOTS {
                let mail = receive(serving);
                assert_eq!(mail.id(), id as i32);
                reply(mail.remote(), mail.id());
            }
            requester.wait();
        },
    );
}

#[test]
fn a_reply_by_a_third_task_has_its_token() {
    apart_three(
        "third::a_reply_by_a_third_task_has_its_token",
        |replier, other| {
            let (serving, replies) = begin(&replier);
            ask_at(serving, replies, 0);
            ask_at(serving, replies, 1);
            let pids = [&replier, &other].map(|line| line.next().audit_token()[5]);
            let mut tokens: Vec<_> = (0..2)
                .map(|_| receive(replies))
                .map(|mail| (mail.id(), mail.audit_token()[5]))
                .collect();
            tokens.sort_unstable();
            assert_eq!(tokens, [(0, pids[0]), (1, pids[1])]);
        },
        |requester, other| {
            let serving = begun(&requester);
            requester.go();
            let mine = receive(serving).remote();
            let given = receive(serving).remote();
            other
                .letter()
                .port(given, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            reply(mine, 0);
        },
        |requester, replier| {
            requester.go();
            reply(replier.next().only_port().0, 1);
        },
    );
}

#[test]
fn the_port_that_waits_goes_on_to_a_third_task() {
    apart_three(
        "third::the_port_that_waits_goes_on_to_a_third_task",
        |replier, new_holder| {
            let (serving, replies) = begin(&replier);
            for id in 0..6 {
                ask_at(serving, replies, id);
            }
            // Two lie unread in the link.
            replier.wait();
            new_holder
                .letter()
                .port(replies, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            replier.go();
            replier.wait();
        },
        |requester, new_holder| {
            let serving = begun(&requester);
            let rights: Vec<_> = (0..6).map(|_| receive(serving).remote()).collect();
            reply(rights[0], 0);
            reply(rights[1], 1);
            requester.go();
            requester.wait();
            reply(rights[2], 2);
            // One goes to where the port is by now.
            new_holder
                .letter()
                .port(rights[3], MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
            assert_eq!(deallocate(rights[4]), KERN_SUCCESS);
            reply(rights[5], 5);
            requester.go();
        },
        |requester, replier| {
            let (port, _) = requester.next().only_port();
            let (right, _) = replier.next().only_port();
            Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(3).send();
            assert_eq!(heard(port, 6), [0, 1, 2, 3, 5, MACH_NOTIFY_SEND_ONCE]);
            assert_eq!(status(port).unwrap().sorights, 0);
        },
    );
}

/// Whoever gave a right away has no part in its replies, and is no sender any more.
#[test]
fn a_right_that_was_given_on_has_a_way_back_of_its_own() {
    apart_three(
        "third::a_right_that_was_given_on_has_a_way_back_of_its_own",
        |giver, server| {
            let (serving, _) = giver.next().only_port();
            let replies = made::port();
            ask_at(serving, replies, 0);
            ask_at(serving, replies, 1);
            assert_eq!(heard(replies, 2), [0, 1]);
            giver.go();
            server.wait();
            ask_at(serving, replies, 2);
            assert_eq!(heard(replies, 1), [2]);
        },
        |requester, server| {
            // It gives its right away, and is a sender no more.
            let (serving, _) = server.next().only_port();
            requester
                .letter()
                .port(serving, MACH_MSG_TYPE_MOVE_SEND)
                .send();
            requester.wait();
        },
        |requester, giver| {
            let serving = made::port();
            giver.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
            for _ in 0..2 {
                let mail = receive(serving);
                reply(mail.remote(), mail.id());
            }
            requester.go();
            let mail = receive(serving);
            assert_eq!(status(serving).unwrap().srights, 1);
            reply(mail.remote(), mail.id());
        },
    );
}
