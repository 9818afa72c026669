//! Mach facts 31 to 34 and 36 of sending: dying ports, full queues, order, timeouts.

use std::thread;
use std::time::{Duration, Instant};

use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Buffer, HEADER, Letter, SOON, drain, poll, receive};
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{deallocate, made, mod_refs, refs, set_limit, status, type_of};
use rendezvous_tests::second::two;

/// Fills a port's queue through its own send right.
fn fill(port: mach_port_name_t) {
    for id in 0..5 {
        assert_eq!(to(port).id(id).try_send(), MACH_MSG_SUCCESS, "message {id}");
    }
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT);
}

/// A message that leaves a send right more behind when it comes back.
fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

/// A port with a full queue, and its send right with no more than `extra` references than one.
fn full_port() -> mach_port_name_t {
    let port = made::port_with_send();
    fill(port);
    // The send that showed the queue to be full came back with one more reference.
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));
    port
}

/// Sends a message from a thread that is to block, and has `event` happen once it does. An outcome of `too_early`
/// shows that it did not yet.
fn blocked_send(
    too_early: mach_msg_return_t,
    mut make: impl FnMut() -> (mach_port_name_t, Letter),
    mut event: impl FnMut(mach_port_name_t),
) -> (mach_port_name_t, mach_msg_return_t) {
    until_blocked(|patience| {
        let (port, letter) = make();
        let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
        patience.wait();
        event(port);
        let code = sender.join().expect("the sender");
        (code != too_early).then_some((port, code))
    })
}

#[test]
fn fact_31_a_send_right_whose_port_died() {
    let port = made::port_with_send();
    made::kill(port);
    let before = holding(port);
    for disposition in [MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND] {
        let code = Letter::to(port, disposition).try_send();
        assert_eq!(code, MACH_SEND_INVALID_DEST);
    }
    assert_eq!(holding(port), before);
}

#[test]
fn fact_31_a_send_right_whose_port_died_in_another_task() {
    two(
        "fact_31_a_send_right_whose_port_died_in_another_task",
        |line, _| {
            let (port, _) = line.next().only_port();
            line.go();
            line.wait();
            let code = to(port).try_send();
            assert_eq!(code, MACH_SEND_INVALID_DEST);
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            made::kill(port);
            line.go();
        },
    );
}

#[test]
fn fact_31_a_dying_send_once_right_takes_its_message_along() {
    let (port, reply) = (made::port(), made::port());
    let once = made::send_once(port);
    made::kill(port);
    // Nobody has looked at the name since, so it is not a dead name yet.
    let letter =
        Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    assert_eq!(letter.try_send(), MACH_MSG_SUCCESS);
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
    // The message was destroyed, the reply right in it unused.
    assert_eq!(receive(reply).id(), MACH_NOTIFY_SEND_ONCE);
}

#[test]
fn fact_31_a_dead_name_that_was_a_send_once_right() {
    let port = made::port();
    let once = made::send_once(port);
    made::kill(port);
    assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_DEAD_NAME));
    let letter = Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
    assert_eq!(letter.try_send(), MACH_SEND_INVALID_DEST);
    assert_eq!(refs(once, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
}

#[test]
fn fact_32_five_messages_fit() {
    let port = made::port_with_send();
    fill(port);
    assert_eq!(status(port).unwrap().msgcount, 5);
    assert_eq!(drain(port), [0, 1, 2, 3, 4]);
}

#[test]
fn fact_32_a_full_queue_gives_the_message_back_as_on_arrival() {
    let (port, reply) = (full_port(), made::port());
    let [moved, copied] = [made::port_with_send(), made::port_with_send()];
    let letter = to(port)
        .reply(reply, MACH_MSG_TYPE_MAKE_SEND)
        .id(9)
        .port(moved, MACH_MSG_TYPE_MOVE_SEND)
        .port(copied, MACH_MSG_TYPE_COPY_SEND)
        .port(copied, MACH_MSG_TYPE_MAKE_SEND)
        .inline(b"back");
    let (code, back) = letter.send_with(MACH_SEND_TIMEOUT, 0);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    // Dispositions as on arrival, the ports not reversed, no trailer.
    let expected = Letter::to(port, 17)
        .reply(reply, 17)
        .id(9)
        .port(moved, 17)
        .port(copied, 17)
        .port(copied, 17)
        .inline(b"back");
    assert_eq!(back, expected.buffer(0));
    // COPY and MAKE leave the sender one right more, MOVE what it had.
    let sends = [port, reply, moved, copied].map(|name| refs(name, MACH_PORT_RIGHT_SEND));
    assert_eq!(sends, [Ok(2), Ok(1), Ok(1), Ok(3)]);
}

#[test]
fn fact_32_nothing_is_written_behind_a_message_that_comes_back() {
    let port = full_port();
    let mut buffer = to(port).buffer(256);
    let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, HEADER, 0, 0, 0);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    assert_eq!(buffer.bytes()[HEADER..], Buffer::new(256).bytes()[HEADER..]);
}

#[test]
fn fact_32_send_once_and_receive_rights_come_back() {
    let (port, owner) = (full_port(), made::port());
    let (carried, kept) = (made::port_with_send(), made::port());
    let once = made::send_once(owner);
    let (code, back) = to(port)
        .reply(once, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .port(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .port(carried, MACH_MSG_TYPE_MOVE_RECEIVE)
        .port(kept, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send_with(MACH_SEND_TIMEOUT, 0);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    assert_eq!(back.bits() & 0xffff, 17 | 18 << 8);
    assert_eq!(type_of(back.local()), Ok(MACH_PORT_TYPE_SEND_ONCE));
    let made_once = back.u32_at(28);
    assert_eq!(type_of(made_once), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(poll(owner), None, "neither is used up");
    // The one whose send right was kept under its name, the other under any.
    assert_eq!(back.u32_at(40), carried);
    assert_eq!(
        type_of(carried),
        Ok(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
    );
    assert_eq!(type_of(back.u32_at(52)), Ok(MACH_PORT_TYPE_RECEIVE));
    for name in [back.local(), made_once] {
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_32_a_blocked_send_that_times_out() {
    let port = full_port();
    let (code, back) = to(port).send_with(MACH_SEND_TIMEOUT, 10);
    assert_eq!((code, back.bits()), (MACH_SEND_TIMED_OUT, 17));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
}

#[test]
fn fact_32_a_limit_of_zero_lets_nobody_through() {
    let port = made::port_with_send();
    assert_eq!(set_limit(port, 0), KERN_SUCCESS);
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT);
    // Not even with a receiver waiting.
    thread::scope(|scope| {
        let receiver = scope
            .spawn(|| rendezvous_tests::letter::receive_with(port, 0, SOON).map(|mail| mail.id()));
        for _ in 0..1000 {
            assert_eq!(to(port).id(1).try_send(), MACH_SEND_TIMED_OUT);
            thread::yield_now();
        }
        let once = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(once.id(2).try_send(), MACH_MSG_SUCCESS);
        assert_eq!(receiver.join().unwrap(), Ok(2));
    });
}

#[test]
fn fact_32_a_queue_in_another_task_is_bounded_too() {
    two(
        "fact_32_a_queue_in_another_task_is_bounded_too",
        |line, _| {
            let (port, _) = line.next().only_port();
            let mut sent = 0;
            let back = loop {
                let letter = to(port).id(sent).inline(&[7; 256]);
                match letter.send_with(MACH_SEND_TIMEOUT, 0) {
                    (MACH_MSG_SUCCESS, _) => sent += 1,
                    (code, back) => {
                        assert_eq!(code, MACH_SEND_TIMED_OUT);
                        break back;
                    }
                }
                assert!(sent < 100_000, "no end of room");
            };
            assert!(sent >= 5);
            assert_eq!((back.bits(), back.remote()), (17, port));
            assert_eq!(back.inline(), [7; 256]);
            // With a receiver there is room again, and nothing was lost or turned around.
            line.go();
            to(port).id(-1).send();
            assert_eq!(line.next().id(), sent);
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            let mut got = 0;
            loop {
                match receive(port).id() {
                    -1 => break,
                    id => assert_eq!(id, got),
                }
                got += 1;
            }
            line.letter().id(got).send();
        },
    );
}

#[test]
fn fact_33_the_limit_does_not_hold_back_send_once_rights() {
    let port = full_port();
    for id in 10..20 {
        let letter = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).id(id);
        assert_eq!(letter.try_send(), MACH_MSG_SUCCESS);
    }
    assert_eq!(status(port).unwrap().msgcount, 15);
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT);
}

#[test]
fn fact_33_the_limit_does_not_hold_back_notifications() {
    let port = full_port();
    let once = made::send_once(port);
    assert_eq!(deallocate(once), KERN_SUCCESS);
    assert_eq!(status(port).unwrap().msgcount, 6);
    let ids = drain(port);
    assert_eq!(ids, [0, 1, 2, 3, 4, MACH_NOTIFY_SEND_ONCE]);
}

#[test]
fn fact_33_beyond_the_limit_there_is_room_only_below_it() {
    let port = full_port();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    let _ = receive(port);
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT, "five are left");
    let _ = receive(port);
    assert_eq!(to(port).try_send(), MACH_MSG_SUCCESS);
}

#[test]
fn fact_33_the_port_dies_while_a_sender_waits() {
    let reply = made::port();
    let (_, code) = blocked_send(
        MACH_SEND_INVALID_DEST,
        || {
            let _ = drain(reply);
            let port = full_port();
            (port, to(port).reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE))
        },
        made::kill,
    );
    assert_eq!(code, MACH_MSG_SUCCESS);
    assert_eq!(receive(reply).id(), MACH_NOTIFY_SEND_ONCE);
}

#[test]
fn fact_33_a_port_of_another_task_dies_while_a_sender_waits() {
    two(
        "fact_33_a_port_of_another_task_dies_while_a_sender_waits",
        |line, _| {
            let reply = made::port();
            let code = until_blocked(|patience| {
                let (port, _) = line.next().only_port();
                while to(port).inline(&[0; 1024]).try_send() == MACH_MSG_SUCCESS {}
                let letter = to(port)
                    .reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .inline(&[0; 1024]);
                let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
                patience.wait();
                line.go();
                let code = sender.join().expect("the sender");
                (code != MACH_SEND_INVALID_DEST).then_some(code)
            });
            assert_eq!(code, MACH_MSG_SUCCESS);
            assert_eq!(receive(reply).id(), MACH_NOTIFY_SEND_ONCE);
            let (last, _) = line.next().only_port();
            assert_eq!(deallocate(last), KERN_SUCCESS);
            line.letter().id(-1).send();
        },
        |line| {
            loop {
                let port = made::port();
                line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
                if line.next().id() == -1 {
                    break;
                }
                made::kill(port);
            }
        },
    );
}

#[test]
fn fact_33_the_receive_right_moves_while_a_sender_waits() {
    // Full at the moment of the send, so that what arrives in the end was sent by a blocked thread, before or after
    // the move.
    let (port, carrier) = (full_port(), made::port());
    let letter = to(port).id(77);
    let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(receive(carrier).only_port(), (port, 16));
    let first: Vec<_> = (0..6).map(|_| receive(port).id()).collect();
    assert_eq!(first, [0, 1, 2, 3, 4, 77]);
    assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
}

#[test]
fn fact_33_the_receive_right_moves_to_another_task_while_a_sender_waits() {
    two(
        "fact_33_the_receive_right_moves_to_another_task_while_a_sender_waits",
        |line, _| {
            let port = full_port();
            let letter = to(port).id(77);
            let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
            line.wait();
        },
        |line| {
            let (port, _) = line.next().only_port();
            let ids: Vec<_> = (0..6).map(|_| receive(port).id()).collect();
            assert_eq!(ids, [0, 1, 2, 3, 4, 77]);
            line.go();
        },
    );
}

#[test]
fn fact_33_a_receive_lets_a_waiting_sender_on() {
    let port = full_port();
    let letter = to(port).id(5);
    let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
    let ids: Vec<_> = (0..6).map(|_| receive(port).id()).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
    assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
}

#[test]
fn fact_33_a_higher_limit_lets_waiting_senders_on() {
    let port = full_port();
    let senders: Vec<_> = (0..3)
        .map(|_| thread::spawn(move || to(port).send_with(MACH_SEND_TIMEOUT, SOON).0))
        .collect();
    assert_eq!(set_limit(port, 8), KERN_SUCCESS);
    for sender in senders {
        assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
    }
    assert_eq!(status(port).unwrap().msgcount, 8);
}

#[test]
fn fact_34_first_in_first_out_over_all_senders() {
    let port = made::port_with_send();
    assert_eq!(set_limit(port, 100), KERN_SUCCESS);
    // One after the other, each from a thread of its own, through rights of all kinds.
    for id in 0..60 {
        let disposition = match id % 3 {
            0 => MACH_MSG_TYPE_COPY_SEND,
            1 => MACH_MSG_TYPE_MAKE_SEND,
            _ => MACH_MSG_TYPE_MAKE_SEND_ONCE,
        };
        thread::spawn(move || Letter::to(port, disposition).id(id).send())
            .join()
            .unwrap();
    }
    assert_eq!(drain(port), (0..60).collect::<Vec<_>>());
}

#[test]
fn fact_34_first_in_first_out_over_senders_in_two_tasks() {
    two(
        "fact_34_first_in_first_out_over_senders_in_two_tasks",
        |line, _| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            for round in 0..20 {
                Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
                    .id(2 * round)
                    .send();
                line.go();
                line.wait();
                let ids = [receive(port).id(), receive(port).id()];
                assert_eq!(ids, [2 * round, 2 * round + 1]);
            }
        },
        |line| {
            let (port, _) = line.next().only_port();
            for round in 0..20 {
                line.wait();
                to(port).id(2 * round + 1).send();
                line.go();
            }
        },
    );
}

#[test]
fn fact_36_a_timeout_counts_only_with_its_option() {
    // Without the option a timeout of 0 does not keep a send from waiting, and one of 1 ms does not end it.
    for timeout in [0, 1] {
        let port = full_port();
        let sender = thread::spawn(move || to(port).id(5).send_with(0, timeout).0);
        until_blocked(|patience| {
            patience.wait();
            (!sender.is_finished()).then_some(())
        });
        for id in 0..6 {
            assert_eq!(receive(port).id(), id);
        }
        assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
    }
}

#[test]
fn fact_36_the_option_of_the_other_half_does_not_count() {
    let (port, full) = (made::port(), full_port());
    // A receive with MACH_SEND_TIMEOUT waits; a send with MACH_RCV_TIMEOUT too.
    let receiver = thread::spawn(move || {
        let mut buffer = Buffer::new(256);
        buffer.mach_msg(MACH_RCV_MSG | MACH_SEND_TIMEOUT, 0, 256, port, 0)
    });
    let sender = thread::spawn(move || to(full).send_with(MACH_RCV_TIMEOUT, 0).0);
    until_blocked(|patience| {
        patience.wait();
        (!receiver.is_finished() && !sender.is_finished()).then_some(())
    });
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).send();
    let _ = receive(full);
    assert_eq!(receiver.join().unwrap(), MACH_MSG_SUCCESS);
    assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
}

#[test]
fn fact_36_a_timeout_counts_for_each_half() {
    // The send takes most of the timeout, the receive has it anew.
    let (full, empty) = (full_port(), made::port());
    let mut buffer = to(full).buffer(256);
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_RCV_MSG | MACH_RCV_TIMEOUT;
    let begun = Instant::now();
    let code = buffer.mach_msg(option, HEADER, 256, empty, 20);
    assert_eq!(
        code, MACH_SEND_TIMED_OUT,
        "the send's, and no receive after it"
    );
    let _ = receive(full);
    let sent = Instant::now();
    let mut buffer = to(full).buffer(256);
    let code = buffer.mach_msg(option, HEADER, 256, empty, 20);
    assert_eq!(code, MACH_RCV_TIMED_OUT);
    let least = Duration::from_millis(20);
    assert!(sent - begun >= least && sent.elapsed() >= least);
}

#[test]
fn fact_36_a_failed_send_skips_the_receive() {
    let (full, port) = (full_port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).id(3).send();
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_RCV_MSG;
    for (letter, code) in [
        (to(full), MACH_SEND_TIMED_OUT),
        (to(made::absent()), MACH_SEND_INVALID_DEST),
    ] {
        let mut buffer = letter.buffer(256);
        assert_eq!(buffer.mach_msg(option, HEADER, 256, port, 0), code);
    }
    assert_eq!(drain(port), [3]);
}

#[test]
fn fact_36_no_options_succeed() {
    let mut buffer = Buffer::new(HEADER);
    let before = buffer.clone();
    assert_eq!(buffer.mach_msg(0, 0, 0, 0, 0), MACH_MSG_SUCCESS);
    assert_eq!(buffer, before);
}

#[test]
fn fact_36_a_combined_send_and_receive_on_one_port() {
    let port = made::port();
    let letter = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(4)
        .inline(b"self");
    let mut buffer = letter.buffer(256);
    let option = MACH_SEND_MSG | MACH_RCV_MSG;
    let code = buffer.mach_msg(option, letter.size(), 256, port, 0);
    assert_eq!(code, MACH_MSG_SUCCESS);
    assert_eq!((buffer.id(), buffer.inline()), (4, b"self".to_vec()));
    assert_eq!((buffer.bits(), buffer.local()), (17 << 8, port));
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
}

#[test]
fn fact_36_a_call_and_its_answer_in_one() {
    two(
        "fact_36_a_call_and_its_answer_in_one",
        |line, _| {
            let reply = made::port();
            let letter = line
                .letter()
                .reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .id(100);
            let mut buffer = letter.buffer(256);
            let option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT;
            let code = buffer.mach_msg(option, letter.size(), 256, reply, SOON);
            assert_eq!((code, buffer.id()), (MACH_MSG_SUCCESS, 200));
        },
        |line| {
            let request = line.next();
            Letter::to(request.remote(), request.remote_disposition())
                .id(request.id() + 100)
                .send();
        },
    );
}
