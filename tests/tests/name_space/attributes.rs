//! What a receive right tells of its port, and what can be set. Mach facts 20 and 21.

use std::sync::Barrier;

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, SOON, drain, poll, receive, receive_with};
use rendezvous_tests::raw::{
    Status, attributes, deallocate, destroy, insert_member, limit, made, mod_refs, peek,
    request_notification, set_attributes, set_limit, set_mscount, set_seqno, srights, status, task,
};
use rendezvous_tests::second::two;

#[test]
fn fact_20_a_fresh_port() {
    let port = made::port();
    assert_eq!(
        status(port),
        Ok(Status {
            qlimit: 5,
            ..Status::default()
        })
    );
    assert_eq!(limit(port), Ok(MACH_PORT_QLIMIT_DEFAULT));
    assert_eq!(srights(port), Ok(0));
    made::kill(port);
}

#[test]
fn fact_20_the_queue_limit() {
    let port = made::port();
    for value in [0, 1, 16, MACH_PORT_QLIMIT_MAX] {
        assert_eq!(set_limit(port, value), KERN_SUCCESS);
        assert_eq!(limit(port), Ok(value));
        assert_eq!(status(port).unwrap().qlimit, value);
    }
    for value in [MACH_PORT_QLIMIT_MAX + 1, 65_536, u32::MAX] {
        assert_eq!(set_limit(port, value), KERN_INVALID_VALUE);
        // That comes first, whatever the name.
        assert_eq!(set_limit(made::absent(), value), KERN_INVALID_VALUE);
        assert_eq!(set_limit(MACH_PORT_NULL, value), KERN_INVALID_VALUE);
    }
    assert_eq!(limit(port), Ok(MACH_PORT_QLIMIT_MAX));
    made::kill(port);
}

#[test]
fn fact_20_a_lower_limit_drops_nothing() {
    let port = made::port();
    let letter = |id| Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).id(id);
    for id in 0..5 {
        letter(id).send();
    }
    assert_eq!(set_limit(port, 2), KERN_SUCCESS);
    assert_eq!(status(port).unwrap().msgcount, 5);
    for id in 0..3 {
        assert_eq!(letter(9).try_send(), MACH_SEND_TIMED_OUT);
        assert_eq!(receive(port).id(), id);
    }
    // Two are left: still no room.
    assert_eq!(letter(9).try_send(), MACH_SEND_TIMED_OUT);
    assert_eq!(receive(port).id(), 3);
    assert_eq!(letter(10).try_send(), MACH_MSG_SUCCESS);
    assert_eq!(drain(port), [4, 10]);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_a_higher_limit_wakes_senders() {
    let port = made::port_with_send();
    assert_eq!(set_limit(port, 1), KERN_SUCCESS);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
    let begin = Barrier::new(4);
    std::thread::scope(|scope| {
        for id in 1..4 {
            let begin = &begin;
            scope.spawn(move || {
                begin.wait();
                Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
            });
        }
        begin.wait();
        assert_eq!(set_limit(port, 4), KERN_SUCCESS);
    });
    assert_eq!(status(port).unwrap().msgcount, 4);
    let mut ids = drain(port);
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_a_limit_of_zero_lets_nobody_through() {
    let port = made::port_with_send();
    assert_eq!(set_limit(port, 0), KERN_SUCCESS);
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    assert_eq!(letter.try_send(), MACH_SEND_TIMED_OUT);
    assert_eq!(
        letter.send_with(MACH_SEND_TIMEOUT, 10).0,
        MACH_SEND_TIMED_OUT
    );
    assert_eq!(poll(port), None);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_the_status_counts_rights() {
    let port = made::port();
    let rights = || {
        let now = status(port).unwrap();
        (now.srights, srights(port).unwrap(), now.sorights)
    };
    assert_eq!(rights(), (0, 0, 0));
    made::send(port);
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 7), KERN_SUCCESS);
    assert_eq!(rights(), (1, 1, 0));
    let once = [(); 3].map(|()| made::send_once(port));
    assert_eq!(rights(), (1, 1, 3));
    // What is in a message is held, too.
    let way = made::port();
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_COPY_SEND)
        .port(port, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(rights(), (1, 3, 4));
    // And the right that a message goes through.
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    assert_eq!(rights(), (1, 4, 5));
    assert_eq!(drain(port).len(), 2);
    assert_eq!(rights(), (1, 3, 4));
    made::kill(way);
    assert_eq!(rights(), (1, 1, 4));
    assert_eq!(drain(port).len(), 1);
    for name in once {
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
    assert_eq!(drain(port).len(), 3);
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, -8), KERN_SUCCESS);
    assert_eq!(rights(), (0, 0, 0));
    made::kill(port);
}

#[test]
fn fact_20_the_status_counts_the_rights_of_other_tasks() {
    two(
        "fact_20_the_status_counts_the_rights_of_other_tasks",
        |line, _| {
            let port = made::port();
            let rights = || {
                let now = status(port).unwrap();
                (now.srights, srights(port).unwrap(), now.sorights)
            };
            line.letter()
                .port(port, MACH_MSG_TYPE_MAKE_SEND)
                .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.wait();
            assert_eq!(rights(), (1, 1, 1));
            made::send(port);
            assert_eq!(rights(), (1, 2, 1));
            line.go();
            line.wait();
            assert_eq!(rights(), (1, 1, 1));
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(rights(), (0, 0, 1));
            line.go();
            line.wait();
            // The right's notification is in the queue, and goes through it.
            assert_eq!(status(port).unwrap().msgcount, 1);
            assert_eq!(drain(port).len(), 1);
            assert_eq!(rights(), (0, 0, 0));
        },
        |line| {
            let mail = line.next();
            let names: Vec<_> = mail
                .items()
                .into_iter()
                .map(|item| match item {
                    rendezvous_tests::letter::Item::Port { name, .. } => name,
                    other => panic!("{other:?}"),
                })
                .collect();
            for name in names {
                line.go();
                line.wait();
                assert_eq!(deallocate(name), KERN_SUCCESS);
            }
            line.go();
        },
    );
}

#[test]
fn fact_20_the_status_counts_messages() {
    let port = made::port_with_send();
    let count = || status(port).unwrap().msgcount;
    for id in 0..3 {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
    }
    assert_eq!(count(), 3);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    assert_eq!(count(), 5);
    assert_eq!(drain(port).len(), 5);
    assert_eq!(count(), 0);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_sequence_numbers() {
    let port = made::port_with_send();
    let numbered = || {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
        let before = status(port).unwrap().seqno;
        let mail = receive_with(port, (MACH_RCV_TRAILER_SEQNO << 24) as i32, SOON).unwrap();
        assert_eq!(mail.seqno(), before);
        before
    };
    assert_eq!([numbered(), numbered(), numbered()], [0, 1, 2]);
    assert_eq!(status(port).unwrap().seqno, 3);
    assert_eq!(set_seqno(port, 1_000_000), KERN_SUCCESS);
    assert_eq!([numbered(), numbered()], [1_000_000, 1_000_001]);
    assert_eq!(set_seqno(port, u32::MAX), KERN_SUCCESS);
    assert_eq!([numbered(), numbered()], [u32::MAX, 0]);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_the_status_shows_sets_and_requests() {
    let (port, set, notify) = (made::port_with_send(), made::set(), made::port());
    let shown = || {
        let now = status(port).unwrap();
        (now.pset, now.pdrequest, now.nsrequest)
    };
    assert_eq!(shown(), (0, 0, 0));
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    let other = made::set();
    assert_eq!(insert_member(port, other), KERN_SUCCESS);
    assert_eq!(shown(), (1, 0, 0));
    for id in [MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_NO_SENDERS] {
        request_notification(port, id, 0, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE).unwrap();
    }
    assert_eq!(shown(), (1, 1, 1));
    assert_eq!(destroy(set), KERN_SUCCESS);
    assert_eq!(destroy(other), KERN_SUCCESS);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(shown(), (0, 1, 0));
    made::kill(port);
    made::kill(notify);
}

#[test]
fn fact_20_the_extended_status_begins_as_the_other() {
    let port = made::port_with_send();
    let short = attributes(port, MACH_PORT_RECEIVE_STATUS, 10).unwrap();
    let long = attributes(port, MACH_PORT_INFO_EXT, 17).unwrap();
    assert_eq!(long.len(), 17);
    assert_eq!(long[..10], short);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_20_what_can_be_set_besides_the_limit() {
    let port = made::port();
    for _ in 0..2 {
        assert_eq!(
            set_attributes(port, MACH_PORT_IMPORTANCE_RECEIVER, &[]),
            KERN_SUCCESS
        );
        assert_eq!(
            status(port).unwrap().flags,
            MACH_PORT_STATUS_FLAG_IMP_DONATION
        );
    }
    for _ in 0..2 {
        assert_eq!(set_attributes(port, MACH_PORT_TEMPOWNER, &[]), KERN_SUCCESS);
        assert_eq!(
            status(port).unwrap().flags,
            MACH_PORT_STATUS_FLAG_IMP_DONATION | MACH_PORT_STATUS_FLAG_TEMPOWNER
        );
    }
    assert_eq!(
        set_attributes(port, MACH_PORT_DNREQUESTS_SIZE, &[10]),
        KERN_SUCCESS
    );
    made::kill(port);
}

#[test]
fn fact_21_too_little_room() {
    let port = made::port();
    for (flavor, needed) in [
        (MACH_PORT_LIMITS_INFO, 1),
        (MACH_PORT_RECEIVE_STATUS, 10),
        (MACH_PORT_DNREQUESTS_SIZE, 1),
        (MACH_PORT_INFO_EXT, 17),
    ] {
        for name in [port, made::absent(), MACH_PORT_NULL] {
            assert_eq!(
                attributes(name, flavor, needed - 1),
                Err(KERN_FAILURE),
                "flavor {flavor}"
            );
        }
        assert_eq!(
            attributes(port, flavor, needed).map(|words| words.len() as u32),
            Ok(needed)
        );
    }
    // More room than needed is used as far as it is.
    assert_eq!(attributes(port, MACH_PORT_LIMITS_INFO, 9), Ok(vec![5]));
    for flavor in [MACH_PORT_LIMITS_INFO, MACH_PORT_DNREQUESTS_SIZE] {
        assert_eq!(set_attributes(port, flavor, &[]), KERN_FAILURE);
    }
    made::kill(port);
}

#[test]
fn fact_21_unknown_flavors() {
    let port = made::port();
    for flavor in [0, 100, -1] {
        assert_eq!(attributes(port, flavor, 17), Err(KERN_INVALID_ARGUMENT));
        assert_eq!(set_attributes(port, flavor, &[1]), KERN_INVALID_ARGUMENT);
        assert_eq!(
            attributes(made::absent(), flavor, 17),
            Err(KERN_INVALID_ARGUMENT)
        );
    }
    // Some are for one direction only.
    for flavor in [MACH_PORT_RECEIVE_STATUS, MACH_PORT_INFO_EXT] {
        assert_eq!(
            set_attributes(port, flavor, &[0; 17]),
            KERN_INVALID_ARGUMENT
        );
    }
    for flavor in [MACH_PORT_TEMPOWNER, MACH_PORT_IMPORTANCE_RECEIVER] {
        assert_eq!(attributes(port, flavor, 17), Err(KERN_INVALID_ARGUMENT));
    }
    made::kill(port);
}

#[test]
fn fact_21_what_is_no_receive_right() {
    let (set, port) = (made::set(), made::port());
    let once = made::send_once(port);
    for (name, code) in [
        (set, KERN_INVALID_RIGHT),
        (once, KERN_INVALID_RIGHT),
        (task(), KERN_INVALID_RIGHT),
        (made::absent(), KERN_INVALID_NAME),
    ] {
        for (flavor, room) in [
            (MACH_PORT_LIMITS_INFO, 1),
            (MACH_PORT_RECEIVE_STATUS, 10),
            (MACH_PORT_DNREQUESTS_SIZE, 1),
            (MACH_PORT_INFO_EXT, 17),
        ] {
            assert_eq!(attributes(name, flavor, room), Err(code));
        }
        for flavor in [
            MACH_PORT_LIMITS_INFO,
            MACH_PORT_DNREQUESTS_SIZE,
            MACH_PORT_TEMPOWNER,
            MACH_PORT_IMPORTANCE_RECEIVER,
        ] {
            assert_eq!(set_attributes(name, flavor, &[1]), code);
        }
        assert_eq!(srights(name), Err(code));
        assert_eq!(set_seqno(name, 1), code);
        assert_eq!(set_mscount(name, 1), code);
        assert_eq!(peek(name, 0, 0, 8), Err(code));
    }
    for name in [set, once, port] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_21_the_names_null_and_dead() {
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        for (flavor, room) in [(MACH_PORT_RECEIVE_STATUS, 10), (MACH_PORT_INFO_EXT, 17)] {
            assert_eq!(attributes(name, flavor, room), Err(KERN_INVALID_RIGHT));
        }
        // No port has no limit.
        assert_eq!(attributes(name, MACH_PORT_LIMITS_INFO, 1), Ok(vec![]));
        assert_eq!(set_limit(name, 5), KERN_INVALID_RIGHT);
        for flavor in [MACH_PORT_TEMPOWNER, MACH_PORT_IMPORTANCE_RECEIVER] {
            assert_eq!(set_attributes(name, flavor, &[]), KERN_INVALID_RIGHT);
        }
        assert_eq!(peek(name, 0, 0, 8), Err(KERN_INVALID_RIGHT));
    }
}

#[test]
fn fact_21_peek() {
    let port = made::port_with_send();
    assert_eq!(peek(port, 0, 0, 8), Err(KERN_FAILURE));
    assert_eq!(set_seqno(port, 40), KERN_SUCCESS);
    for id in 0..3 {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
    }
    for (asked, seqno, id) in [(0, 40, 0), (40, 40, 0), (41, 41, 1), (42, 42, 2)] {
        let peeked = peek(port, asked, 0, 8).unwrap();
        // As it was sent, and with the least trailer.
        assert_eq!((peeked.seqno, peeked.id, peeked.size), (seqno, id, 24 + 8));
        assert_eq!(peeked.trailer.len(), 2);
    }
    for asked in [1, 39, 43, u32::MAX] {
        assert_eq!(peek(port, asked, 0, 8), Err(KERN_FAILURE));
    }
    let peeked = peek(port, 41, MACH_RCV_TRAILER_AUDIT, 52).unwrap();
    assert_eq!(peeked.trailer.len(), 13);
    assert_eq!(peeked.trailer[2], 41);
    // The sixth word of the audit token.
    assert_eq!(peeked.trailer[5 + 5], std::process::id());
    for (elements, room) in [(0, 7), (1, 11), (2, 19), (3, 51), (4, 68), (7, 68)] {
        assert_eq!(
            peek(port, 0, elements, room),
            Err(KERN_INVALID_VALUE),
            "elements {elements}"
        );
    }
    assert_eq!(drain(port), [0, 1, 2]);
    assert_eq!(destroy(port), KERN_SUCCESS);
}
