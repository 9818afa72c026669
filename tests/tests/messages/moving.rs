//! Mach facts 37 and 38: receive rights that move.

use std::thread;

use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
    MACH_NOTIFY_SEND_ONCE,
};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, Region, SOON, drain, poll, receive};
use rendezvous_tests::notice;
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{
    context, deallocate, destroy, guard, insert_member, made, members, refs, set_context,
    set_limit, status, type_of,
};
use rendezvous_tests::second::two;

const SEND_RECEIVE: u32 = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

/// A message that moves a receive right to one's own port.
fn moving(port: mach_port_name_t, carrier: mach_port_name_t) -> Letter {
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND).port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
}

/// The receive right that the next message carries.
#[track_caller]
fn arrival(carrier: mach_port_name_t) -> mach_port_name_t {
    let (name, disposition) = receive(carrier).only_port();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_RECEIVE);
    name
}

/// Moves a receive right out of this task and in again.
#[track_caller]
fn moved(port: mach_port_name_t) -> mach_port_name_t {
    let carrier = made::port();
    moving(port, carrier).send();
    let name = arrival(carrier);
    made::kill(carrier);
    name
}

/// Sends an empty message with an id by a send right.
fn post(port: mach_port_name_t, id: i32) {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
}

#[test]
fn fact_37_a_receive_right_alone_arrives_under_a_new_name() {
    let (carrier, port) = (made::port(), made::port());
    moving(port, carrier).send();
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    let name = arrival(carrier);
    assert_ne!(name, port);
    assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_RECEIVE));
}

#[test]
fn fact_37_a_kept_send_right_keeps_the_name() {
    let (carrier, port) = (made::port(), made::port_with_send());
    made::send(port);
    moving(port, carrier).send();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_SEND));
    assert_eq!(refs(port, MACH_PORT_RIGHT_RECEIVE), Ok(0));
    assert_eq!(arrival(carrier), port);
    assert_eq!(type_of(port), Ok(SEND_RECEIVE));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
}

#[test]
fn fact_37_a_send_right_that_is_given_up_in_between() {
    let (carrier, port) = (made::port(), made::port_with_send());
    moving(port, carrier).send();
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    assert_ne!(arrival(carrier), port);
}

#[test]
fn fact_37_a_send_once_right_does_not_keep_the_name() {
    let (carrier, port) = (made::port(), made::port());
    let once = made::send_once(port);
    moving(port, carrier).send();
    let name = arrival(carrier);
    assert!(name != port && name != once);
    Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(4).send();
    assert_eq!(drain(name), [4]);
}

#[test]
fn fact_37_there_and_back_from_another_task() {
    two(
        "fact_37_there_and_back_from_another_task",
        |line, _| {
            let (alone, kept) = (made::port(), made::port_with_send());
            for port in [alone, kept] {
                line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            }
            assert_eq!(type_of(alone), Err(KERN_INVALID_NAME));
            assert_eq!(type_of(kept), Ok(MACH_PORT_TYPE_SEND));
            let back = arrival(line.own);
            assert_ne!(back, alone);
            assert_eq!(type_of(back), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!(arrival(line.own), kept);
            assert_eq!(type_of(kept), Ok(SEND_RECEIVE));
            post(kept, 6);
            assert_eq!(drain(kept), [6]);
        },
        |line| {
            let [alone, kept] = [arrival(line.own), arrival(line.own)];
            for port in [alone, kept] {
                assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
                line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
                assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
            }
        },
    );
}

#[test]
fn fact_37_a_receive_right_joins_the_send_right_in_another_task() {
    two(
        "fact_37_a_receive_right_joins_the_send_right_in_another_task",
        |line, _| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
            line.wait();
        },
        |line| {
            let (send, _) = line.next().only_port();
            post(send, 1);
            assert_eq!(arrival(line.own), send);
            assert_eq!(type_of(send), Ok(SEND_RECEIVE));
            post(send, 2);
            assert_eq!(drain(send), [1, 2]);
            line.go();
        },
    );
}

#[test]
fn fact_37_a_port_that_is_moved_to_itself_is_destroyed() {
    let port = made::port();
    assert_eq!(moving(port, port).try_send(), MACH_MSG_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));

    let (port, notify) = (made::port_with_send(), made::port());
    made::send(port);
    notice::ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    assert_eq!(moving(port, port).try_send(), MACH_MSG_SUCCESS);
    assert_eq!(notice::all(notify), [(MACH_NOTIFY_DEAD_NAME, port)]);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    // Two send rights, and one more with the notification.
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(3));
}

#[test]
fn fact_37_a_port_that_is_moved_to_itself_takes_its_queue_along() {
    let (port, reply) = (made::port(), made::port());
    let letter =
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    letter.send();
    let last = moving(port, port).reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    assert_eq!(last.try_send(), MACH_MSG_SUCCESS);
    assert_eq!(drain(reply), [MACH_NOTIFY_SEND_ONCE; 2]);
}

#[test]
fn fact_37_a_port_that_is_moved_to_itself_in_an_array() {
    let (port, other) = (made::port_with_send(), made::port_with_send());
    let names = [other, port];
    let array = Region {
        address: names.as_ptr() as usize,
        deallocate: 0,
        copy: 0,
        size: 2,
    };
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).ports(array, MACH_MSG_TYPE_MOVE_RECEIVE);
    assert_eq!(letter.try_send(), MACH_MSG_SUCCESS);
    for name in names {
        assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_DEAD_NAME));
    }
}

#[test]
fn fact_37_circles_of_receive_rights_are_destroyed() {
    for length in [2, 3, 10] {
        let notify = made::port();
        let ports: Vec<_> = (0..length).map(|_| made::port_with_send()).collect();
        for &port in &ports {
            notice::ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
        }
        for pair in ports.windows(2) {
            let letter = Letter::to(pair[1], MACH_MSG_TYPE_COPY_SEND);
            letter.port(pair[0], MACH_MSG_TYPE_MOVE_RECEIVE).send();
        }
        assert_eq!(notice::all(notify), notice::NONE);
        // The last port's receive right into the queue of the first, which is in the second's, and so on.
        let (first, last) = (ports[0], ports[length - 1]);
        let letter = Letter::to(first, MACH_MSG_TYPE_COPY_SEND);
        let letter = letter.port(last, MACH_MSG_TYPE_MOVE_RECEIVE);
        assert_eq!(letter.try_send(), MACH_MSG_SUCCESS);
        let mut dead = notice::all(notify);
        dead.sort_unstable();
        let all = ports.iter().map(|&port| (MACH_NOTIFY_DEAD_NAME, port));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        assert_eq!(dead, all);
    }
}

#[test]
fn fact_37_a_port_in_transit_dies_with_its_carrier() {
    let (carrier, port, notify) = (made::port(), made::port_with_send(), made::port());
    notice::ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    moving(port, carrier).send();
    made::kill(carrier);
    assert_eq!(notice::next(notify), (MACH_NOTIFY_DEAD_NAME, port));
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
}

#[test]
fn fact_38_queue_and_limit_stay() {
    let port = made::port_with_send();
    assert_eq!(set_limit(port, 7), KERN_SUCCESS);
    for id in 1..=7 {
        post(port, id);
    }
    let port = moved(port);
    let found = status(port).unwrap();
    assert_eq!((found.qlimit, found.msgcount), (7, 7));
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    assert_eq!(letter.try_send(), MACH_SEND_TIMED_OUT);
    assert_eq!(drain(port), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn fact_38_queue_and_limit_stay_in_another_task() {
    two(
        "fact_38_queue_and_limit_stay_in_another_task",
        |line, _| {
            let (port, gift) = (made::port_with_send(), made::port());
            assert_eq!(set_limit(port, 7), KERN_SUCCESS);
            for id in 1..=3 {
                post(port, id);
            }
            let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .id(4)
                .inline(b"gift");
            letter.port(gift, MACH_MSG_TYPE_MAKE_SEND).send();
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            assert_eq!(receive(gift).id(), 5);
        },
        |line| {
            let port = arrival(line.own);
            let found = status(port).unwrap();
            assert_eq!((found.qlimit, found.msgcount, found.seqno), (7, 4, 0));
            for id in 1..=3 {
                assert_eq!(receive(port).id(), id);
            }
            let last = receive(port);
            assert_eq!((last.id(), last.inline()), (4, b"gift".to_vec()));
            post(last.only_port().0, 5);
        },
    );
}

#[test]
fn fact_38_a_blocked_sender_stays_blocked() {
    let (port, outcome) = until_blocked(|patience| {
        let (carrier, port) = (made::port(), made::port_with_send());
        for id in 1..=5 {
            post(port, id);
        }
        let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(6);
        let sender = thread::spawn(move || letter.send_with(MACH_SEND_TIMEOUT, SOON).0);
        patience.wait();
        moving(port, carrier).send();
        patience.wait();
        // The queue is as full as it was.
        let waits = !sender.is_finished();
        assert_eq!(arrival(carrier), port);
        assert_eq!(receive(port).id(), 1);
        let outcome = sender.join().expect("the sender");
        waits.then_some((port, outcome))
    });
    assert_eq!(outcome, MACH_MSG_SUCCESS);
    assert_eq!(drain(port), [2, 3, 4, 5, 6]);
}

#[test]
fn fact_38_a_no_senders_request_stays() {
    let (port, notify) = (made::port_with_send(), made::port());
    notice::ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
    let port = moved(port);
    assert_eq!(status(port).unwrap().nsrequest, 1);
    assert_eq!(notice::all(notify), notice::NONE);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    // The count is that of make-sends since the move.
    assert_eq!(notice::all(notify), [(MACH_NOTIFY_NO_SENDERS, 0)]);
    assert_eq!(status(port).unwrap().nsrequest, 0);
}

#[test]
fn fact_38_a_no_senders_request_fires_in_transit() {
    let (carrier, port, notify) = (made::port(), made::port_with_send(), made::port());
    notice::ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
    moving(port, carrier).send();
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(notice::next(notify), (MACH_NOTIFY_NO_SENDERS, 0));
    assert_eq!(status(arrival(carrier)).unwrap().nsrequest, 0);
}

#[test]
fn fact_38_requests_stay_in_another_task() {
    two(
        "fact_38_requests_stay_in_another_task",
        |line, _| {
            let (port, senders, end) = (made::port_with_send(), made::port(), made::port());
            notice::ask(port, MACH_NOTIFY_NO_SENDERS, 1, senders);
            notice::ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, end);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            line.wait();
            assert_eq!(notice::all(senders), notice::NONE);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(notice::next(senders), (MACH_NOTIFY_NO_SENDERS, 0));
            line.go();
            // The other side destroys it, and so it comes home.
            let (id, port) = notice::next(end);
            assert_eq!(id, MACH_NOTIFY_PORT_DESTROYED);
            assert_eq!(drain(port), [11]);
            let found = status(port).unwrap();
            assert_eq!((found.nsrequest, found.pdrequest), (0, 0));
        },
        |line| {
            let port = arrival(line.own);
            let found = status(port).unwrap();
            assert_eq!((found.nsrequest, found.pdrequest), (1, 1));
            line.go();
            line.wait();
            made::send(port);
            post(port, 11);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            made::kill(port);
        },
    );
}

#[test]
fn fact_38_a_port_destroyed_request_stays() {
    let (port, notify) = (made::port_with_send(), made::port());
    notice::ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify);
    post(port, 3);
    let port = moved(port);
    assert_eq!(status(port).unwrap().pdrequest, 1);
    made::kill(port);
    assert_eq!(notice::next(notify), (MACH_NOTIFY_PORT_DESTROYED, port));
    assert_eq!(type_of(port), Ok(SEND_RECEIVE));
    assert_eq!(drain(port), [3]);
}

#[test]
fn fact_38_counts_and_context_start_anew() {
    let port = made::port_with_send();
    made::send(port);
    for id in 0..3 {
        post(port, id);
    }
    assert_eq!(drain(port).len(), 3);
    assert_eq!(set_context(port, 77), KERN_SUCCESS);
    let before = status(port).unwrap();
    assert_eq!((before.mscount, before.seqno), (2, 3));
    let port = moved(port);
    let after = status(port).unwrap();
    assert_eq!((after.mscount, after.seqno), (0, 0));
    assert_eq!(context(port), Ok(0));
}

#[test]
fn fact_38_counts_start_anew_when_the_right_leaves() {
    // A send right that is made on the way would count, so nobody does; a message that arrives does not.
    let (carrier, port) = (made::port(), made::port_with_send());
    moving(port, carrier).send();
    post(port, 1);
    let port = arrival(carrier);
    let found = status(port).unwrap();
    assert_eq!((found.mscount, found.seqno, found.msgcount), (0, 0, 1));
}

#[test]
fn fact_38_a_guard_is_lifted() {
    for strict in [false, true] {
        let port = made::port_with_send();
        assert_eq!(guard(port, 5, strict), KERN_SUCCESS);
        let port = moved(port);
        assert_eq!(context(port), Ok(0));
        assert_eq!(status(port).unwrap().flags, 0);
        assert_eq!(destroy(port), KERN_SUCCESS);
    }
}

#[test]
fn fact_38_a_move_leaves_all_sets() {
    let (carrier, port, sets) = (
        made::port(),
        made::port_with_send(),
        [made::set(), made::set()],
    );
    for set in sets {
        assert_eq!(insert_member(port, set), KERN_SUCCESS);
    }
    post(port, 1);
    moving(port, carrier).send();
    assert_eq!(sets.map(members), [Ok(vec![]), Ok(vec![])]);
    assert!(sets.map(poll).iter().all(Option::is_none));
    let port = arrival(carrier);
    assert_eq!(status(port).unwrap().pset, 0);
    assert_eq!(sets.map(members), [Ok(vec![]), Ok(vec![])]);
    assert!(sets.map(poll).iter().all(Option::is_none));
    assert_eq!(drain(port), [1]);
}

#[test]
fn fact_38_a_move_to_another_task_leaves_all_sets() {
    two(
        "fact_38_a_move_to_another_task_leaves_all_sets",
        |line, _| {
            let (port, stays, set) = (made::port_with_send(), made::port_with_send(), made::set());
            for member in [port, stays] {
                assert_eq!(insert_member(member, set), KERN_SUCCESS);
            }
            post(port, 1);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            post(port, 2);
            post(stays, 3);
            assert_eq!(members(set), Ok(vec![stays]));
            assert_eq!(drain(set), [3]);
            line.wait();
        },
        |line| {
            let port = arrival(line.own);
            assert_eq!(status(port).unwrap().pset, 0);
            assert_eq!([receive(port).id(), receive(port).id()], [1, 2]);
            line.go();
        },
    );
}

#[test]
fn fact_38_a_port_in_transit_takes_messages() {
    let (carrier, port) = (made::port(), made::port_with_send());
    moving(port, carrier).send();
    for id in 1..=5 {
        post(port, id);
    }
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    assert_eq!(letter.try_send(), MACH_SEND_TIMED_OUT);
    assert_eq!(arrival(carrier), port);
    assert_eq!(drain(port), [1, 2, 3, 4, 5]);
}

#[test]
fn fact_38_a_port_in_transit_inside_a_port_in_transit() {
    let (carrier, outer, inner) = (made::port(), made::port_with_send(), made::port_with_send());
    moving(outer, carrier).send();
    let letter = Letter::to(outer, MACH_MSG_TYPE_COPY_SEND);
    letter.port(inner, MACH_MSG_TYPE_MOVE_RECEIVE).send();
    post(inner, 1);
    assert_eq!(arrival(carrier), outer);
    assert_eq!(arrival(outer), inner);
    assert_eq!(drain(inner), [1]);
}

#[test]
fn fact_38_a_port_in_transit_to_another_task_takes_messages() {
    two(
        "fact_38_a_port_in_transit_to_another_task_takes_messages",
        |line, _| {
            let (port, inner) = (made::port_with_send(), made::port_with_send());
            post(port, 1);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            // Nobody has received it yet.
            post(port, 2);
            let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(3);
            letter.port(inner, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            post(inner, 4);
            post(port, 5);
            line.go();
            line.wait();
        },
        |line| {
            let carried = line.next();
            line.wait();
            let (port, _) = carried.only_port();
            assert_eq!([receive(port).id(), receive(port).id()], [1, 2]);
            let inner = arrival(port);
            assert_eq!(receive(inner).id(), 4);
            assert_eq!(receive(port).id(), 5);
            line.go();
        },
    );
}

#[test]
fn fact_38_a_right_that_moves_on_from_task_to_task() {
    two(
        "fact_38_a_right_that_moves_on_from_task_to_task",
        |line, _| {
            let port = made::port_with_send();
            for round in 0..2 {
                post(port, 2 * round);
                line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
                post(port, 2 * round + 1);
                assert_eq!(arrival(line.own), port);
                let found = status(port).unwrap();
                assert_eq!((found.mscount, found.seqno, found.srights), (0, 0, 1));
            }
            assert_eq!(drain(port), [0, 1, 2, 3]);
            line.go();
        },
        |line| {
            for _ in 0..2 {
                let port = arrival(line.own);
                line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            }
            line.wait();
        },
    );
}
