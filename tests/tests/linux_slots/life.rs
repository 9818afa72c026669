//! A right's life: used, given up, or lost with its holder.

use std::thread;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::forked::forked;
use rendezvous_tests::letter::{Letter, poll, receive};
use rendezvous_tests::raw::{
    deallocate, insert_member, made, request_notification, status, type_of,
};

use super::sides::*;

#[test]
fn rights_cost_no_sockets_until_the_slots_are_used_up() {
    const MANY: usize = SLOTS + 8;
    apart(
        "life::rights_cost_no_sockets_until_the_slots_are_used_up",
        |line, _| {
            let replies = made::port();
            let before = warm_up(&line, replies);
            for _ in 0..3 {
                ask(&line, replies, SLOTS);
                assert!(sockets() <= before);
                ask(&line, replies, 8);
                assert!(sockets() <= before + 8);
                assert_eq!(status(replies).unwrap().sorights, MANY as u32);
                line.go();
                let ids: Vec<_> = (0..MANY).map(|_| receive(replies).id()).collect();
                // In the order in which they were sent, by whichever way.
                let sent: Vec<_> = (0..MANY as i32).rev().collect();
                assert_eq!(ids, sent);
                assert_eq!(status(replies).unwrap().sorights, 0);
                assert!(sockets() <= before);
            }
        },
        |line| {
            let before = warmed_up(&line);
            for _ in 0..3 {
                let mut rights = asked(&line, SLOTS);
                rights.extend(asked(&line, 8));
                assert!(sockets() <= before + 8);
                line.wait();
                for (id, &right) in rights.iter().enumerate().rev() {
                    assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_SEND_ONCE));
                    reply(right, id as i32);
                }
                assert!(sockets() <= before);
            }
        },
    );
}

#[test]
fn a_right_that_is_given_up_gives_one_notification() {
    apart(
        "life::a_right_that_is_given_up_gives_one_notification",
        |line, _| {
            let replies = made::port();
            let before = warm_up(&line, replies);
            ask(&line, replies, SLOTS);
            let mut expected = vec![MACH_NOTIFY_SEND_ONCE; SLOTS / 2];
            expected.extend([200; SLOTS / 2]);
            assert_eq!(heard(replies, SLOTS), expected);
            // All slots are free again.
            ask(&line, replies, SLOTS);
            assert!(sockets() <= before);
            assert_eq!(heard(replies, SLOTS), [MACH_NOTIFY_SEND_ONCE; SLOTS]);
            // Of a message that its receiver has no room for.
            line.letter()
                .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .inline(&[0; 8000])
                .send();
            assert_eq!(heard(replies, 1), [MACH_NOTIFY_SEND_ONCE]);
            line.go();
        },
        |line| {
            warmed_up(&line);
            for (id, right) in asked(&line, SLOTS).into_iter().enumerate() {
                if id % 2 == 0 {
                    reply(right, 200);
                } else {
                    assert_eq!(deallocate(right), KERN_SUCCESS);
                }
            }
            for right in asked(&line, SLOTS) {
                assert_eq!(deallocate(right), KERN_SUCCESS);
            }
            let code =
                rendezvous_tests::letter::receive_with(line.own, 0, rendezvous_tests::letter::SOON);
            assert_eq!(code, Err(MACH_RCV_TOO_LARGE));
            line.wait();
        },
    );
}

#[test]
fn replies_arrive_that_were_sent_before_their_sender_was_killed() {
    apart_until_killed(
        "life::replies_arrive_that_were_sent_before_their_sender_was_killed",
        |line, process| {
            let (replies, others) = (made::port(), made::port());
            warm_up(&line, replies);
            ask(&line, replies, 20);
            // One that is never read.
            line.wait();
            request(&line, others, 20);
            process.kill();
            let mut expected = vec![MACH_NOTIFY_SEND_ONCE; 14];
            expected.extend([200; 6]);
            assert_eq!(heard(replies, 20), expected);
            assert_eq!(heard(others, 1), [MACH_NOTIFY_SEND_ONCE]);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            warmed_up(&line);
            for right in &asked(&line, 20)[..6] {
                reply(*right, 200);
            }
            line.go();
            thread::park();
        },
    );
}

#[test]
fn a_right_dies_with_its_maker() {
    apart_until_killed(
        "life::a_right_dies_with_its_maker",
        |line, process| {
            // The other way round: the second side asks and is killed.
            line.go();
            let [first, second, third] = asked(&line, 3)[..] else {
                unreachable!()
            };
            let told = made::port();
            let previous = request_notification(
                second,
                MACH_NOTIFY_DEAD_NAME,
                0,
                told,
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
            assert_eq!(previous, Ok(MACH_PORT_NULL));
            process.kill();
            assert_eq!(heard(told, 1), [MACH_NOTIFY_DEAD_NAME]);
            assert_eq!(type_of(first), Ok(MACH_PORT_TYPE_DEAD_NAME));
            // Nobody looked at this one.
            reply(third, 1);
            assert_eq!(deallocate(first), KERN_SUCCESS);
        },
        |line| {
            line.wait();
            ask(&line, made::port(), 3);
            thread::park();
        },
    );
}

#[test]
fn a_port_that_nobody_reads_delays_no_other() {
    apart(
        "life::a_port_that_nobody_reads_delays_no_other",
        |line, _| {
            let (unread, read) = (made::port(), made::port());
            let set = made::set();
            assert_eq!(insert_member(read, set), KERN_SUCCESS);
            warm_up(&line, unread);
            ask(&line, unread, 10);
            request(&line, read, 10);
            let mail = receive(set);
            assert_eq!((mail.id(), mail.local()), (10, read));
            assert_eq!(heard(unread, 10), Vec::from_iter(0..10));
        },
        |line| {
            warmed_up(&line);
            for (id, right) in asked(&line, 11).into_iter().enumerate() {
                reply(right, id as i32);
            }
        },
    );
}

#[test]
fn long_replies_and_rights_come_back_though_nobody_receives() {
    apart(
        "life::long_replies_and_rights_come_back_though_nobody_receives",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            ask(&line, replies, SLOTS);
            line.wait();
            for id in 0..SLOTS as i32 {
                let mut buffer = rendezvous_tests::letter::Buffer::new(64 << 10);
                let len = buffer.len();
                let code =
                    buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, len, replies, 10_000);
                assert_eq!((code, buffer.id()), (MACH_MSG_SUCCESS, id));
                assert!(buffer.inline().iter().all(|&byte| byte == id as u8));
                let (name, disposition) = buffer.only_port();
                assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND);
                Letter::to(name, MACH_MSG_TYPE_MOVE_SEND).id(id).send();
            }
        },
        |line| {
            warmed_up(&line);
            let given = made::port();
            for (id, right) in asked(&line, SLOTS).into_iter().enumerate() {
                Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                    .id(id as i32)
                    .port(given, MACH_MSG_TYPE_MAKE_SEND)
                    .inline(&vec![id as u8; 1000 * id])
                    .send();
            }
            line.go();
            assert_eq!(heard(given, SLOTS), Vec::from_iter(0..SLOTS as i32));
        },
    );
}

#[test]
fn threads_share_a_link() {
    const THREADS: i32 = 16;
    const CALLS: i32 = 200;
    apart(
        "life::threads_share_a_link",
        |line, _| {
            let other = line.other;
            let threads = (0..THREADS).map(|thread| {
                thread::spawn(move || {
                    let replies = made::port();
                    for call in 0..CALLS {
                        Letter::to(other, MACH_MSG_TYPE_COPY_SEND)
                            .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                            .id(thread * CALLS + call)
                            .send();
                        assert_eq!(receive(replies).id(), thread * CALLS + call);
                    }
                    assert_eq!(poll(replies), None);
                })
            });
            for thread in threads.collect::<Vec<_>>() {
                thread.join().expect("all replies");
            }
        },
        |line| {
            for _ in 0..THREADS * CALLS {
                let mail = line.next();
                reply(mail.remote(), mail.id());
            }
        },
    );
}

#[test]
fn a_request_that_cannot_be_sent_leaves_right_and_slot_as_they_were() {
    apart(
        "life::a_request_that_cannot_be_sent_leaves_right_and_slot_as_they_were",
        |line, _| {
            let replies = made::port();
            let before = warm_up(&line, replies);
            let (gate, _) = line.next().only_port();
            while line.letter().id(1).try_send() == MACH_MSG_SUCCESS {}
            for _ in 0..2 * SLOTS {
                let letter = line
                    .letter()
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .id(2);
                let mut buffer = letter.buffer(letter.size());
                let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
                let code = buffer.mach_msg(option, letter.size(), 0, MACH_PORT_NULL, 0);
                assert_eq!(code, MACH_SEND_TIMED_OUT);
                // It is a right of this task's.
                assert_eq!(buffer.local_disposition(), MACH_MSG_TYPE_PORT_SEND_ONCE);
                assert_eq!(status(replies).unwrap().sorights, 1);
                reply(buffer.local(), 3);
                assert_eq!(receive(replies).id(), 3);
                assert_eq!(status(replies).unwrap().sorights, 0);
                // As is the copy of the send right.
                assert_eq!(deallocate(buffer.remote()), KERN_SUCCESS);
            }
            Letter::to(gate, MACH_MSG_TYPE_MOVE_SEND).send();
            ask(&line, replies, SLOTS);
            assert!(sockets() <= before);
            assert_eq!(heard(replies, SLOTS), Vec::from_iter(0..SLOTS as i32));
        },
        |line| {
            warmed_up(&line);
            // Nothing is read until the other side says so.
            let gate = made::port();
            line.letter().port(gate, MACH_MSG_TYPE_MAKE_SEND).send();
            assert!(receive(gate).size() > 0);
            let mut answered = 0;
            while answered < SLOTS {
                let mail = line.next();
                if mail.remote() != MACH_PORT_NULL {
                    reply(mail.remote(), mail.id());
                    answered += 1;
                }
            }
        },
    );
}

#[test]
fn a_forked_child_takes_no_replies() {
    apart(
        "life::a_forked_child_takes_no_replies",
        |line, _| {
            let replies = made::port();
            warm_up(&line, replies);
            ask(&line, replies, 3);
            forked(|| ()).wait();
            line.go();
            assert_eq!(heard(replies, 3), [0, 1, 2]);
        },
        |line| {
            warmed_up(&line);
            let rights = asked(&line, 3);
            line.wait();
            for (id, right) in rights.into_iter().enumerate() {
                reply(right, id as i32);
            }
        },
    );
}
