//! Neighbours of Mach fact 53: when exactly a send-possible request fires, and requests whose port moves to another task.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, SOON, drain, receive};
use rendezvous_tests::notice::{NONE, all, ask, next};
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{
    deallocate, destruct, made, mod_refs, names, refs, set_limit, type_of,
};
use rendezvous_tests::second::two;

const NOTIFY: mach_msg_option_t = MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY;

fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

/// A port whose queue is full, with one reference to its send right.
fn full_port() -> mach_port_name_t {
    let port = made::port_with_send();
    for id in 0..5 {
        to(port).id(id).send();
    }
    port
}

#[test]
fn fact_53_the_next_receive_fires_it() {
    // Even one that leaves the queue at its limit.
    let (port, notify) = (full_port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    let _ = receive(port);
    assert_eq!(to(port).try_send(), MACH_SEND_TIMED_OUT);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
}

#[test]
fn fact_53_a_higher_limit_alone_does_not_fire_it() {
    let (port, notify) = (full_port(), made::port());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    assert_eq!(set_limit(port, 10), KERN_SUCCESS);
    assert_eq!(all(notify), NONE);
    let _ = receive(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
}

#[test]
fn fact_53_a_dead_name_request_cannot_be_armed() {
    let (port, notify) = (full_port(), made::port());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(to(port).send_with(NOTIFY, 0).0, MACH_SEND_TIMED_OUT);
    let _ = drain(port);
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_53_a_send_that_has_found_room_passes_the_limit() {
    let notify = made::port();
    for asks in [false, true] {
        // Room for one message, into which comes what is told of a name that the message itself takes away.
        let (port, other) = (full_port(), made::port());
        let _ = receive(port);
        let once = made::send_once(other);
        ask(once, MACH_NOTIFY_DEAD_NAME, 0, port);
        if asks {
            ask(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
        }
        let letter = to(port).id(5).port(once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
        let (code, ids) = if asks {
            (
                MACH_MSG_SUCCESS,
                vec![1, 2, 3, 4, MACH_NOTIFY_PORT_DELETED, 5],
            )
        } else {
            (
                MACH_SEND_TIMED_OUT,
                vec![1, 2, 3, 4, MACH_NOTIFY_PORT_DELETED],
            )
        };
        assert_eq!(letter.send_with(NOTIFY, 0).0, code);
        assert_eq!(drain(port), ids);
        // There was room: nothing was armed.
        assert_eq!(all(notify), NONE);
        made::kill(port);
        made::kill(other);
    }
}

/// Whether the send-possible request on a name is armed, as the list of names tells.
fn is_armed(name: mach_port_name_t) -> bool {
    let listed = names().expect("the names");
    let shown = listed.iter().find(|&&(listed, _)| listed == name);
    let (_, shown) = shown.expect("the name");
    assert_ne!(shown & MACH_PORT_TYPE_SPREQUEST, 0);
    shown & MACH_PORT_TYPE_SPREQUEST_DELAYED == 0
}

#[test]
fn fact_53_a_send_that_waits_arms_it_too() {
    let (port, notify) = (full_port(), made::port());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
    assert!(!is_armed(port));
    let sender = std::thread::spawn(move || to(port).id(5).send_with(NOTIFY, SOON).0);
    until_blocked(|patience| {
        patience.wait();
        is_armed(port).then_some(())
    });
    assert_eq!(receive(port).id(), 0);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
    assert_eq!(sender.join().unwrap(), MACH_MSG_SUCCESS);
    assert_eq!(drain(port), [1, 2, 3, 4, 5]);
}

#[test]
fn fact_53_a_port_that_moves_to_another_task() {
    two(
        "fact_53_a_port_that_moves_to_another_task",
        |line, _| {
            let (port, notify) = (full_port(), made::port());
            ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            line.wait();
            // The other task has emptied the queue.
            assert_eq!(next(notify), (MACH_NOTIFY_SEND_POSSIBLE, port));
            assert_eq!(to(port).id(5).try_send(), MACH_MSG_SUCCESS);
            line.wait();
        },
        |line| {
            let (port, _) = line.next().only_port();
            assert_eq!(drain(port), [0, 1, 2, 3, 4]);
            line.go();
            assert_eq!(receive(port).id(), 5);
            line.go();
        },
    );
}

#[test]
fn fact_51_a_port_that_moves_to_another_task_and_dies_there() {
    two(
        "fact_51_a_port_that_moves_to_another_task_and_dies_there",
        |line, _| {
            let (port, notify) = (made::port_with_send(), made::port());
            ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            let shown = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST;
            assert_eq!(type_of(port), Ok(shown));
            line.wait();
            assert_eq!(all(notify), NONE);
            line.go();
            assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, port));
            assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
        },
        |line| {
            let (port, _) = line.next().only_port();
            line.go();
            line.wait();
            made::kill(port);
        },
    );
}

#[test]
fn fact_55_a_request_moves_along_to_another_task() {
    two(
        "fact_55_a_request_moves_along_to_another_task",
        |line, _| {
            let (port, saved, lonely) = (made::port_with_send(), made::port(), made::port());
            to(port).id(1).send();
            ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, saved);
            ask(port, MACH_NOTIFY_NO_SENDERS, 0, lonely);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            // Destroyed there, it comes back to its old name.
            assert_eq!(next(saved), (MACH_NOTIFY_PORT_DESTROYED, port));
            assert_eq!(receive(port).id(), 1);
            assert_eq!(all(lonely), NONE);
            // Off again, and now nobody here sends to it any more.
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(next(lonely), (MACH_NOTIFY_NO_SENDERS, 0));
            line.go();
        },
        |line| {
            let (port, _) = line.next().only_port();
            made::kill(port);
            let (_port, _) = line.next().only_port();
            line.wait();
        },
    );
}

#[test]
fn fact_10_a_send_possible_request_that_has_fired_counts_when_the_receive_right_goes_by_its_name() {
    let receive_right = MACH_PORT_RIGHT_RECEIVE;
    let fired = |notify| {
        let port = full_port();
        ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
        let _ = receive(port);
        assert_eq!(all(notify), [(MACH_NOTIFY_SEND_POSSIBLE, port)]);
        port
    };
    let notify = made::port();
    // The name remembers its request, and nobody looks whether that has fired.
    let port = fired(notify);
    assert_eq!(mod_refs(port, receive_right, -1), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    let port = fired(notify);
    assert_eq!(destruct(port, 0, 0), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    // What was taken back since is not remembered, and what dies elsewhere is looked at.
    let port = fired(notify);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, MACH_PORT_NULL);
    assert_eq!(mod_refs(port, receive_right, -1), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
    let (port, carrier) = (fired(notify), made::port());
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    made::kill(carrier);
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
    assert_eq!(all(notify), NONE);
}
