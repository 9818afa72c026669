//! Mach facts 51 to 54: dead-name, send-possible and port-deleted notifications.

use mach_ports::ffi::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::notice::{NONE, all, ask, next, request};
use rendezvous_tests::raw::{deallocate, destroy, made, mod_refs, refs, set_limit, type_of};
use rendezvous_tests::second::{two, two_until_killed};

/// A message that leaves a send right more behind when it comes back.
fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

/// A port whose queue is full, with one reference to its send right.
fn full_port() -> mach_port_name_t {
    let port = made::port_with_send();
    for _ in 0..5 {
        to(port).send();
    }
    port
}

#[test]
fn fact_51_a_dead_name_request_fires_once_and_holds_a_reference() {
    let (notify, port) = (made::port(), made::port_with_send());
    made::send(port);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_DEAD_NAME, port)]);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(3));
    for _ in 0..3 {
        assert_eq!(deallocate(port), KERN_SUCCESS);
    }
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_51_a_dead_name_request_on_a_send_once_right() {
    let (notify, port) = (made::port(), made::port());
    let once = made::send_once(port);
    ask(once, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, once));
    assert_eq!(refs(once, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    let letter = Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
    assert_eq!(letter.try_send(), MACH_SEND_INVALID_DEST);
}

#[test]
fn fact_51_a_dying_send_once_right_with_a_request_is_no_destination() {
    let (notify, port) = (made::port(), made::port());
    let once = made::send_once(port);
    ask(once, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    // Without anybody having looked at the name.
    let letter = Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
    assert_eq!(letter.try_send(), MACH_SEND_INVALID_DEST);
    assert_eq!(refs(once, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
}

#[test]
fn fact_51_a_port_of_another_task_dies() {
    two(
        "fact_51_a_port_of_another_task_dies",
        |line, _| {
            let (port, _) = line.next().only_port();
            let notify = made::port();
            ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
            line.go();
            assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, port));
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
            assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
            line.go();
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            made::kill(port);
            line.wait();
        },
    );
}

#[test]
fn fact_51_another_task_is_killed() {
    two_until_killed(
        "fact_51_another_task_is_killed",
        |line, process| {
            let mail = line.next();
            let names: Vec<_> = mail
                .items()
                .iter()
                .map(|item| match item {
                    rendezvous_tests::letter::Item::Port { name, .. } => *name,
                    other => panic!("{other:?}"),
                })
                .collect();
            let notify = made::port();
            for &name in &names {
                ask(name, MACH_NOTIFY_DEAD_NAME, 0, notify);
            }
            process.kill();
            let mut told = [next(notify), next(notify)];
            told.sort_unstable();
            let mut expected = [(72, names[0]), (72, names[1])];
            expected.sort_unstable();
            assert_eq!(told, expected);
        },
        |line| {
            let (port, once) = (made::port(), made::port());
            line.letter()
                .port(port, MACH_MSG_TYPE_MAKE_SEND)
                .port(once, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            // Until it is killed.
            loop {
                line.wait();
            }
        },
    );
}

#[test]
fn fact_51_a_name_that_is_dead_already() {
    let (notify, dead) = (made::port(), made::dead_name());
    let asked = request(dead, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(asked, Err(KERN_INVALID_ARGUMENT));
    assert_eq!(next(notify), (MACH_NOTIFY_SEND_ONCE, 0));
    match request(dead, MACH_NOTIFY_DEAD_NAME, 1, notify) {
        // Up to macOS 12 a request with sync fires at once.
        Ok(MACH_PORT_NULL) if cfg!(target_os = "macos") => {
            assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, dead));
            assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
        }
        asked => {
            assert_eq!(asked, Err(KERN_INVALID_ARGUMENT));
            assert_eq!(next(notify), (MACH_NOTIFY_SEND_ONCE, 0));
            assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
        }
    }
}

#[test]
fn fact_51_send_possible_on_a_dead_name_is_a_dead_name_at_once() {
    for sync in [0, 1] {
        let (notify, dead) = (made::port(), made::dead_name());
        ask(dead, MACH_NOTIFY_SEND_POSSIBLE, sync, notify);
        assert_eq!(all(notify), [(MACH_NOTIFY_DEAD_NAME, dead)]);
        assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    }
}

#[test]
fn fact_52_one_slot_per_name() {
    let (first, second, port) = (made::port(), made::port(), made::port_with_send());
    let ids = [MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE];
    ask(port, ids[0], 0, first);
    for turn in 1..4 {
        let former = request(port, ids[turn % 2], 0, second).unwrap();
        assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
        assert_eq!(deallocate(former), KERN_SUCCESS);
        let owner = if turn == 1 { first } else { second };
        assert_eq!(next(owner), (MACH_NOTIFY_SEND_ONCE, 0));
    }
    made::kill(port);
    assert_eq!(all(second), [(MACH_NOTIFY_DEAD_NAME, port)]);
    assert_eq!(all(first), NONE);
}

#[test]
fn fact_52_each_name_has_a_slot_of_its_own() {
    let (notify, port) = (made::port(), made::port_with_send());
    let once = made::send_once(port);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    ask(once, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    let mut told = all(notify);
    told.sort_unstable();
    let mut expected = [(72, port), (72, once)];
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn fact_53_send_possible_fires_at_once_if_there_is_room() {
    let (notify, port) = (made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
    // And stands no more.
    let both = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;
    assert_eq!(type_of(port), Ok(both));
    made::kill(port);
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_53_send_possible_fires_at_once_on_a_send_once_right() {
    let (notify, port) = (made::port(), full_port());
    let once = made::send_once(port);
    ask(once, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, once)]);
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_53_send_possible_fires_when_room_comes() {
    let (notify, port) = (made::port(), full_port());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    assert_eq!(all(notify), NONE);
    let _ = receive(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
    let _ = receive(port);
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_53_send_possible_has_to_be_armed() {
    let (notify, port) = (made::port(), full_port());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
    // Neither room nor a full queue fires it, until a send asks for that.
    let _ = receive(port);
    to(port).send();
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT);
    let _ = receive(port);
    to(port).send();
    assert_eq!(all(notify), NONE);

    let option = MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY;
    assert_eq!(to(port).send_with(option, 0).0, MACH_SEND_TIMED_OUT);
    assert_eq!(all(notify), NONE);
    let _ = receive(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
}

#[test]
fn fact_53_a_send_that_asks_and_finds_room_arms_nothing() {
    let (notify, port) = (made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
    let option = MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY;
    for _ in 0..5 {
        assert_eq!(to(port).send_with(option, 0).0, MACH_MSG_SUCCESS);
    }
    let _ = receive(port);
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_53_arming_needs_the_name_with_the_request() {
    // A send through another right to the port does not arm the request.
    let (notify, port) = (made::port(), full_port());
    let once = made::send_once(port);
    ask(once, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
    let option = MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY;
    assert_eq!(to(port).send_with(option, 0).0, MACH_SEND_TIMED_OUT);
    let _ = receive(port);
    assert_eq!(all(notify), NONE);
    assert_eq!(deallocate(once), KERN_SUCCESS);
    assert_eq!(next(notify).0, MACH_NOTIFY_PORT_DELETED);
}

#[test]
fn fact_53_the_port_dies_instead() {
    for sync in [0, 1] {
        let (notify, port) = (made::port(), full_port());
        ask(port, MACH_NOTIFY_SEND_POSSIBLE, sync, notify);
        made::kill(port);
        assert_eq!(all(notify), [(MACH_NOTIFY_DEAD_NAME, port)]);
        assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    }
}

#[test]
fn fact_53_send_possible_to_another_task() {
    two(
        "fact_53_send_possible_to_another_task",
        |line, _| {
            let (port, _) = line.next().only_port();
            let notify = made::port();
            // Room: at once.
            ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
            assert_eq!(next(notify), (MACH_NOTIFY_SEND_POSSIBLE, port));
            // Full: when there is room again.
            ask(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
            let option = MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY;
            let mut sent = 0;
            let last = loop {
                let letter = to(port).id(sent).inline(&[0; 1024]);
                match letter.send_with(option, 0).0 {
                    MACH_MSG_SUCCESS => sent += 1,
                    code => break code,
                }
            };
            assert_eq!((last, all(notify)), (MACH_SEND_TIMED_OUT, NONE.to_vec()));
            line.letter().id(sent).send();
            assert_eq!(next(notify), (MACH_NOTIFY_SEND_POSSIBLE, port));
            to(port).id(sent).send();
            line.wait();
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            let last = line.next().id();
            for id in 0..=last {
                assert_eq!(receive(port).id(), id);
            }
            line.go();
        },
    );
}

#[test]
fn fact_53_a_higher_limit_is_room() {
    let (notify, port) = (made::port(), full_port());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    assert_eq!(set_limit(port, 10), KERN_SUCCESS);
    // At the latest with the next receive, which is where XNU looks.
    let _ = receive(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
}

#[test]
fn fact_54_the_last_reference_goes() {
    two(
        "fact_54_the_last_reference_goes",
        |line, _| {
            // Pure send rights, which only another task's port gives.
            let notify = made::port();
            for how in 0..4 {
                let (name, _) = line.next().only_port();
                ask(name, MACH_NOTIFY_DEAD_NAME, 0, notify);
                match how {
                    0 => assert_eq!(deallocate(name), KERN_SUCCESS),
                    1 => assert_eq!(mod_refs(name, MACH_PORT_RIGHT_SEND, -1), KERN_SUCCESS),
                    2 => assert_eq!(destroy(name), KERN_SUCCESS),
                    _ => line.letter().port(name, MACH_MSG_TYPE_MOVE_SEND).send(),
                }
                assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, name)], "{how}");
            }
            // Not the last but one.
            let (name, _) = line.next().only_port();
            assert_eq!(mod_refs(name, MACH_PORT_RIGHT_SEND, 1), KERN_SUCCESS);
            ask(name, MACH_NOTIFY_DEAD_NAME, 0, notify);
            assert_eq!(deallocate(name), KERN_SUCCESS);
            assert_eq!(all(notify), NONE);
            line.go();
            assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, name));
        },
        |line| {
            let ports: Vec<_> = (0..5).map(|_| made::port()).collect();
            for &port in &ports {
                line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            }
            // The one that was moved out has come home.
            assert_eq!(line.next().only_port(), (ports[3], 17));
            line.wait();
            made::kill(ports[4]);
        },
    );
}

#[test]
fn fact_54_a_send_once_right_goes() {
    let (notify, port) = (made::port(), made::port());
    let once = || {
        let name = made::send_once(port);
        ask(name, MACH_NOTIFY_DEAD_NAME, 0, notify);
        name
    };
    let name = once();
    assert_eq!(deallocate(name), KERN_SUCCESS);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, name)]);
    let name = once();
    assert_eq!(mod_refs(name, MACH_PORT_RIGHT_SEND_ONCE, -1), KERN_SUCCESS);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, name)]);
    // As the destination of a message, and as its reply right.
    let name = once();
    Letter::to(name, MACH_MSG_TYPE_MOVE_SEND_ONCE).send();
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, name)]);
    let name = once();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .reply(name, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .send();
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, name)]);
}

#[test]
fn fact_54_dropping_the_send_half_keeps_the_request() {
    let (notify, port) = (made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    let shown = MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_DNREQUEST;
    assert_eq!((type_of(port), all(notify)), (Ok(shown), NONE.to_vec()));
    made::kill(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, port)]);
}

#[test]
fn fact_54_destroying_the_name_of_the_receive_right() {
    // Receive-only: the name goes with the right.
    let (notify, port) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, port)]);
    // With a send right, `destroy` takes both.
    let port = made::port_with_send();
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(destroy(port), KERN_SUCCESS);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, port)]);
}

#[test]
fn fact_54_moving_a_receive_right_out() {
    let (notify, carrier) = (made::port(), made::port());
    let send_off = |port| {
        Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
            .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
            .send();
    };
    let port = made::port();
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    send_off(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_PORT_DELETED, port)]);
    // A send right keeps name and request.
    let port = made::port_with_send();
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    send_off(port);
    let shown = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST;
    assert_eq!((type_of(port), all(notify)), (Ok(shown), NONE.to_vec()));
    made::kill(carrier);
    assert_eq!(all(notify), [(MACH_NOTIFY_DEAD_NAME, port)]);
}

#[test]
fn fact_54_what_happens_first_is_told_first() {
    // The end of the right comes before the end of its name.
    let notify = made::port();
    let once = made::send_once(notify);
    ask(once, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(deallocate(once), KERN_SUCCESS);
    let ids: Vec<_> = all(notify).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_PORT_DELETED]);

    // `destroy` of both halves: the port dies, then nobody sends to it any more, then its name is gone.
    let port = made::port_with_send();
    let other = made::send_once(port);
    ask(other, MACH_NOTIFY_DEAD_NAME, 0, notify);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
    assert_eq!(destroy(port), KERN_SUCCESS);
    let ids: Vec<_> = all(notify).into_iter().map(|(id, _)| id).collect();
    let expected = [
        MACH_NOTIFY_DEAD_NAME,
        MACH_NOTIFY_NO_SENDERS,
        MACH_NOTIFY_PORT_DELETED,
    ];
    assert_eq!(ids, expected);
}
