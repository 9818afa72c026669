//! Mach facts 39 to 44: receiving.

use std::thread::{self, JoinHandle};

use mach_ports::ffi::extra::{mach_msg_overwrite, mach_msg_receive};
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, HEADER, Letter, SOON, drain, poll, receive, receive_with};
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{
    deallocate, destroy, extract_member, insert_member, made, set_context, status, type_of,
};
use rendezvous_tests::second::two;

/// The trailers that can be asked for, by their element: option and size.
const TRAILERS: [(mach_msg_option_t, usize); 6] = [
    (0, 8),
    (1 << 24, 12),
    (2 << 24, 20),
    (3 << 24, 52),
    (4 << 24, 60),
    (7 << 24, 68),
];
const SEQNO: mach_msg_option_t = 1 << 24;
const AUDIT: mach_msg_option_t = 3 << 24;
const CONTEXT: mach_msg_option_t = 4 << 24;

/// A message to oneself.
fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
}

/// Receives into a buffer of its own with no more room than `limit`.
fn receive_into(
    port: mach_port_name_t,
    option: mach_msg_option_t,
    limit: usize,
) -> (mach_msg_return_t, Buffer) {
    let mut buffer = Buffer::new(256);
    let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT | option;
    (buffer.mach_msg(option, 0, limit, port, 0), buffer)
}

#[test]
fn fact_39_each_trailer_has_its_size() {
    let port = made::port();
    for (option, size) in TRAILERS {
        to(port).inline(b"12345678").send();
        let (code, mail) = receive_into(port, option, 256);
        assert_eq!((code, mail.size()), (MACH_MSG_SUCCESS, 32));
        assert_eq!(mail.trailer_kind(), (0, size as u32));
        // Nothing is written behind it.
        let end = 32 + size;
        assert_eq!(mail.bytes()[end..], Buffer::new(256).bytes()[end..]);
    }
}

#[test]
fn fact_39_the_limit_holds_message_and_trailer() {
    let port = made::port();
    for (option, size) in TRAILERS {
        to(port).send();
        let large = option | MACH_RCV_LARGE;
        let (code, _) = receive_into(port, large, HEADER + size - 4);
        assert_eq!(code, MACH_RCV_TOO_LARGE, "{size}");
        let (code, mail) = receive_into(port, large, HEADER + size);
        assert_eq!((code, mail.size()), (MACH_MSG_SUCCESS, HEADER));
    }
}

#[test]
fn fact_39_the_context_is_the_ports() {
    let port = made::port();
    assert_eq!(set_context(port, 0x1122_3344_5566_7788), KERN_SUCCESS);
    to(port).send();
    let mail = receive_with(port, CONTEXT, 0).unwrap();
    assert_eq!(mail.u64_at(mail.trailer() + 52), 0x1122_3344_5566_7788);
}

/// The task's own effective and real ids, as an audit token has them.
fn own_ids() -> [u32; 4] {
    // SAFETY: questions without arguments.
    unsafe {
        [
            libc::geteuid(),
            libc::getegid(),
            libc::getuid(),
            libc::getgid(),
        ]
    }
}

#[test]
fn fact_40_the_audit_token_is_the_senders() {
    let port = made::port();
    to(port).send();
    let mail = receive_with(port, AUDIT, 0).unwrap();
    let token = mail.audit_token();
    assert_eq!(token[1..5], own_ids());
    assert_eq!(token[5], std::process::id());
    // The security token: effective user and group.
    let at = mail.trailer() + 12;
    assert_eq!([mail.u32_at(at), mail.u32_at(at + 4)], own_ids()[..2]);
}

#[test]
fn fact_40_the_audit_token_is_the_one_of_the_other_task() {
    two(
        "fact_40_the_audit_token_is_the_one_of_the_other_task",
        |line, process| {
            let mail = receive_with(line.own, AUDIT, SOON).unwrap();
            assert_eq!(mail.audit_token()[1..5], own_ids());
            assert_eq!(mail.audit_token()[5], process.id());
            assert_ne!(process.id(), std::process::id());
            line.go();
        },
        |line| {
            line.go();
            line.wait();
        },
    );
}

#[test]
fn fact_40_the_token_is_that_of_the_send_and_not_of_the_receive() {
    two(
        "fact_40_the_token_is_that_of_the_send_and_not_of_the_receive",
        |line, process| {
            // Through a right that this task handed on: it made the right, the other sends.
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            to(port).id(1).send();
            line.wait();
            let mut senders = [0; 3];
            for _ in 0..2 {
                let mail = receive_with(port, AUDIT, SOON).unwrap();
                senders[mail.id() as usize] = mail.audit_token()[5];
            }
            assert_eq!(senders[1..], [std::process::id(), process.id()]);
        },
        |line| {
            let (port, _) = line.next().only_port();
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(2).send();
            line.go();
        },
    );
}

#[test]
fn fact_40_notifications_come_from_nobody() {
    let port = made::port();
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    let mail = receive_with(port, AUDIT, 0).unwrap();
    assert_eq!(mail.id(), MACH_NOTIFY_SEND_ONCE);
    assert_eq!(mail.audit_token(), [0; 8]);
}

#[test]
fn fact_40_sequence_numbers_begin_at_zero() {
    let port = made::port();
    for expected in 0..3 {
        to(port).send();
        let mail = receive_with(port, SEQNO, 0).unwrap();
        assert_eq!(mail.seqno(), expected);
        assert_eq!(status(port).unwrap().seqno, expected + 1);
    }
    // They count what was received, and what was thrown away for its size, but not what stays.
    to(port).send();
    assert_eq!(receive_into(port, MACH_RCV_LARGE, 24).0, MACH_RCV_TOO_LARGE);
    assert_eq!(receive_into(port, 0, 24).0, MACH_RCV_TOO_LARGE);
    to(port).send();
    assert_eq!(receive_with(port, SEQNO, 0).unwrap().seqno(), 4);
}

#[test]
fn fact_41_an_empty_queue() {
    let port = made::port();
    for timeout in [0, 10] {
        assert_eq!(receive_with(port, 0, timeout), Err(MACH_RCV_TIMED_OUT));
    }
    let set = made::set();
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    for timeout in [0, 10] {
        assert_eq!(receive_with(set, 0, timeout), Err(MACH_RCV_TIMED_OUT));
    }
}

/// A message with a send-once right to `notify` in it, 44 bytes long.
fn with_right(port: mach_port_name_t, notify: mach_port_name_t) -> Letter {
    to(port)
        .id(9)
        .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .inline(b"1234")
}

#[test]
fn fact_42_too_large_destroys_the_message() {
    let (port, notify, reply) = (made::port(), made::port(), made::port());
    with_right(port, notify)
        .reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let (code, mail) = receive_into(port, SEQNO, 40);
    assert_eq!(code, MACH_RCV_TOO_LARGE);
    // A bare header, and the trailer that was asked for.
    assert_eq!((mail.size(), mail.id()), (HEADER, 9));
    assert_eq!((mail.remote(), mail.local()), (MACH_PORT_NULL, port));
    assert_eq!(
        (mail.u32_at(24), mail.u32_at(28), mail.u32_at(32)),
        (0, 12, 0)
    );
    assert_eq!(mail.bytes()[36..], Buffer::new(256).bytes()[36..]);
    // What it carried is gone.
    assert_eq!(drain(notify), [MACH_NOTIFY_SEND_ONCE]);
    assert_eq!(drain(reply), [MACH_NOTIFY_SEND_ONCE]);
    assert!(poll(port).is_none());
}

#[test]
fn fact_42_what_is_left_of_a_message_too_large_comes_from_the_kernel() {
    let port = made::port();
    to(port).inline(&[0; 200]).send();
    let (code, mail) = receive_into(port, AUDIT, 100);
    assert_eq!(code, MACH_RCV_TOO_LARGE);
    assert_eq!(mail.audit_token(), [0; 8]);
}

#[test]
fn fact_42_too_large_through_a_send_once_right() {
    let (port, notify) = (made::port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .inline(&[0; 64])
        .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let (code, mail) = receive_into(port, 0, 32);
    assert_eq!((code, mail.local_disposition()), (MACH_RCV_TOO_LARGE, 18));
    // The right is used up by the message: no notification.
    assert!(poll(port).is_none());
    assert_eq!(status(port).unwrap().sorights, 0);
}

#[test]
fn fact_42_large_leaves_the_message() {
    let (port, notify) = (made::port(), made::port());
    with_right(port, notify).send();
    for limit in [16, 24, 32, 48, 51] {
        let (code, mail) = receive_into(port, MACH_RCV_LARGE, limit);
        assert_eq!((code, mail.size()), (MACH_RCV_TOO_LARGE, 44), "{limit}");
        // Only the size is written.
        let mut untouched = Buffer::new(256);
        untouched.put_u32(4, 44);
        assert_eq!(mail, untouched);
    }
    let (code, mail) = receive_into(port, MACH_RCV_LARGE, 44 + 8);
    assert_eq!((code, mail.size(), mail.id()), (MACH_MSG_SUCCESS, 44, 9));
    assert_eq!(deallocate(mail.only_port().0), KERN_SUCCESS);
}

#[test]
fn fact_42_large_says_who_has_the_message() {
    let (set, members) = (made::set(), [made::port(), made::port()]);
    for member in members {
        assert_eq!(insert_member(member, set), KERN_SUCCESS);
    }
    to(members[1]).inline(&[0; 36]).send();
    for from in [set, members[1]] {
        let option = MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY;
        let (code, mail) = receive_into(from, option, 32);
        assert_eq!((code, mail.size()), (MACH_RCV_TOO_LARGE, 60));
        assert_eq!(mail.local(), members[1]);
    }
}

#[test]
fn fact_42_a_message_that_stays_is_for_a_thread_with_more_room() {
    let port = made::port();
    let waiting = |limit| {
        thread::spawn(move || {
            let mut buffer = Buffer::new(256);
            let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_LARGE;
            buffer.mach_msg(option, 0, limit, port, SOON)
        })
    };
    let (small, large) = (waiting(32), waiting(256));
    to(port).inline(&[0; 100]).send();
    assert_eq!(large.join().unwrap(), MACH_MSG_SUCCESS);
    // The message may never have met the small one, which then waits for the next.
    while !small.is_finished() && status(port).unwrap().msgcount == 0 {
        to(port).inline(&[0; 100]).send();
    }
    assert_eq!(small.join().unwrap(), MACH_RCV_TOO_LARGE);
}

#[test]
fn fact_43_names_that_nobody_receives_from() {
    let owner = made::port_with_send();
    let once = made::send_once(owner);
    let names = [made::absent(), once, made::dead_name(), 0, MACH_PORT_DEAD];
    for name in names {
        assert_eq!(receive_with(name, 0, 0), Err(MACH_RCV_INVALID_NAME));
    }
    made::kill(owner);
    assert_eq!(receive_with(owner, 0, 0), Err(MACH_RCV_INVALID_NAME));
}

#[test]
fn fact_43_a_send_right_alone() {
    two(
        "fact_43_a_send_right_alone",
        |line, _| {
            let received = receive_with(line.other, 0, 0);
            assert_eq!(received, Err(MACH_RCV_INVALID_NAME));
            line.go();
        },
        |line| line.wait(),
    );
}

#[test]
fn fact_43_directly_from_a_member_of_a_set() {
    let (set, member) = (made::set(), made::port());
    assert_eq!(insert_member(member, set), KERN_SUCCESS);
    to(member).id(1).send();
    to(member).id(2).send();
    assert_eq!(receive(member).id(), 1);
    assert_eq!(receive(set).id(), 2);
}

/// A thread that receives.
fn receiver(from: mach_port_name_t) -> JoinHandle<Result<i32, mach_msg_return_t>> {
    thread::spawn(move || receive_with(from, 0, SOON).map(|mail| mail.id()))
}

/// What a thread that blocks in a receive gets, when `event` happens to what it receives from.
fn blocked_receive(
    mut make: impl FnMut() -> mach_port_name_t,
    mut event: impl FnMut(mach_port_name_t),
) -> Result<i32, mach_msg_return_t> {
    until_blocked(|patience| {
        let name = make();
        let receiver = receiver(name);
        patience.wait();
        event(name);
        let outcome = receiver.join().expect("the receiver");
        // It came too late to find anything.
        (outcome != Err(MACH_RCV_INVALID_NAME)).then_some(outcome)
    })
}

#[test]
fn fact_43_the_port_is_destroyed_under_a_receiver() {
    let outcome = blocked_receive(made::port, made::kill);
    assert_eq!(outcome, Err(MACH_RCV_PORT_CHANGED));
}

#[test]
fn fact_43_the_port_is_destroyed_under_many_receivers() {
    let port = made::port();
    let receivers: Vec<_> = (0..8).map(|_| receiver(port)).collect();
    until_blocked(|patience| {
        patience.wait();
        receivers.iter().all(|r| !r.is_finished()).then_some(())
    });
    made::kill(port);
    for receiver in receivers {
        let outcome = receiver.join().unwrap();
        let late = Err(MACH_RCV_INVALID_NAME);
        assert!(outcome == Err(MACH_RCV_PORT_CHANGED) || outcome == late);
    }
}

#[test]
fn fact_43_the_receive_right_moves_away_under_a_receiver() {
    let elsewhere = made::port();
    let outcome = blocked_receive(made::port, |port| {
        to(elsewhere).port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
        let (moved, _) = receive(elsewhere).only_port();
        made::kill(moved);
    });
    assert_eq!(outcome, Err(MACH_RCV_PORT_CHANGED));
}

#[test]
fn fact_43_the_receive_right_moves_to_another_task_under_a_receiver() {
    two(
        "fact_43_the_receive_right_moves_to_another_task_under_a_receiver",
        |line, _| {
            let outcome = blocked_receive(made::port, |port| {
                line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            });
            assert_eq!(outcome, Err(MACH_RCV_PORT_CHANGED));
            line.letter().id(-1).send();
        },
        |line| while line.next().id() != -1 {},
    );
}

#[test]
fn fact_43_the_set_is_destroyed_under_a_receiver() {
    let member = made::port();
    let outcome = blocked_receive(
        || {
            let set = made::set();
            assert_eq!(insert_member(member, set), KERN_SUCCESS);
            set
        },
        |set| assert_eq!(destroy(set), KERN_SUCCESS),
    );
    assert_eq!(outcome, Err(MACH_RCV_PORT_CHANGED));
    assert_eq!(type_of(member), Ok(MACH_PORT_TYPE_RECEIVE));
}

#[test]
fn fact_43_joining_and_leaving_a_set_wakes_nobody() {
    let (port, set) = (made::port(), made::set());
    let direct = receiver(port);
    until_blocked(|patience| {
        patience.wait();
        assert_eq!(insert_member(port, set), KERN_SUCCESS);
        assert_eq!(extract_member(port, set), KERN_SUCCESS);
        (!direct.is_finished()).then_some(())
    });
    to(port).id(5).send();
    assert_eq!(direct.join().unwrap(), Ok(5));
}

#[test]
fn fact_43_a_members_end_does_not_wake_a_receiver_on_the_set() {
    let (set, stays) = (made::set(), made::port());
    assert_eq!(insert_member(stays, set), KERN_SUCCESS);
    let on_set = receiver(set);
    until_blocked(|patience| {
        let member = made::port();
        assert_eq!(insert_member(member, set), KERN_SUCCESS);
        patience.wait();
        made::kill(member);
        (!on_set.is_finished()).then_some(())
    });
    to(stays).id(6).send();
    assert_eq!(on_set.join().unwrap(), Ok(6));
}

#[test]
fn fact_43_a_message_wakes_a_blocked_receiver() {
    two(
        "fact_43_a_message_wakes_a_blocked_receiver",
        |line, _| {
            // Of this task, of the other, and through a set that the port joins while the thread waits.
            for id in 0..20 {
                let (port, set) = (made::port(), made::set());
                let waiting = receiver(if id % 2 == 0 { port } else { set });
                if id % 2 == 1 {
                    assert_eq!(insert_member(port, set), KERN_SUCCESS);
                }
                if id % 4 < 2 {
                    to(port).id(id).send();
                } else {
                    line.letter()
                        .id(id)
                        .port(port, MACH_MSG_TYPE_MAKE_SEND)
                        .send();
                }
                assert_eq!(waiting.join().unwrap(), Ok(id));
            }
            line.letter().id(-1).send();
        },
        |line| {
            loop {
                let mail = line.next();
                if mail.id() == -1 {
                    break;
                }
                let (port, _) = mail.only_port();
                Letter::to(port, MACH_MSG_TYPE_MOVE_SEND)
                    .id(mail.id())
                    .send();
            }
        },
    );
}

#[test]
fn fact_42_the_header_says_the_room_for_mach_msg_receive() {
    let port = made::port();
    to(port).id(1).send();
    let mut buffer = Buffer::new(64);
    for (room, code) in [(28, MACH_RCV_TOO_LARGE), (32, MACH_MSG_SUCCESS)] {
        to(port).id(2).send();
        buffer.put_u32(4, room);
        buffer.put_u32(12, port);
        // SAFETY: the buffer is larger than the room in its header.
        assert_eq!(unsafe { mach_msg_receive(buffer.header()) }, code);
    }
    assert_eq!(buffer.id(), 2);
}

/// `mach_msg_overwrite`, with room for 256 bytes to receive.
fn overwrite(
    send: &mut Buffer,
    option: mach_msg_option_t,
    send_size: usize,
    into: Option<&mut Buffer>,
    from: mach_port_name_t,
) -> mach_msg_return_t {
    let into = into.map_or(std::ptr::null_mut(), Buffer::header);
    // SAFETY: both buffers are as large as they are said to be.
    unsafe {
        mach_msg_overwrite(
            send.header(),
            option | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT,
            send_size as u32,
            256,
            from,
            0,
            MACH_PORT_NULL,
            into,
            0,
        )
    }
}

#[test]
fn fact_44_overwrite_receives_into_the_other_buffer() {
    let port = made::port();
    let letter = to(port).id(3).inline(b"over");
    let (mut sent, mut into) = (letter.buffer(256), Buffer::new(256));
    let before = sent.clone();
    let option = MACH_SEND_MSG | MACH_RCV_MSG;
    let code = overwrite(&mut sent, option, letter.size(), Some(&mut into), port);
    assert_eq!((code, sent), (MACH_MSG_SUCCESS, before));
    assert_eq!((into.id(), into.inline()), (3, b"over".to_vec()));
}

#[test]
fn fact_44_overwrite_without_another_buffer_is_mach_msg() {
    let port = made::port();
    let letter = to(port).id(4);
    let mut buffer = letter.buffer(256);
    let option = MACH_SEND_MSG | MACH_RCV_MSG;
    let code = overwrite(&mut buffer, option, letter.size(), None, port);
    assert_eq!((code, buffer.bits()), (MACH_MSG_SUCCESS, 17 << 8));
}

#[test]
fn fact_44_a_message_that_comes_back_goes_to_the_send_buffer() {
    let port = made::port_with_send();
    for _ in 0..5 {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
    }
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(8);
    let (mut sent, mut into) = (letter.buffer(256), Buffer::new(256));
    let option = MACH_SEND_MSG | MACH_RCV_MSG;
    let code = overwrite(&mut sent, option, letter.size(), Some(&mut into), port);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    assert_eq!((sent.bits(), sent.id()), (17, 8));
    assert_eq!(into, Buffer::new(256));
}
