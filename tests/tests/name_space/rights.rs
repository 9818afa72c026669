//! Rights under names: which share one, which get one, and how they are put there. Mach facts 11 to 15.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::{
    deallocate, destroy, extract_right, insert_right, made, mod_refs, names, refs,
    request_notification, set_mscount, status, task, type_of,
};
use rendezvous_tests::second::{alone, two};

const SEND: mach_port_right_t = MACH_PORT_RIGHT_SEND;
const BOTH: mach_port_type_t = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

/// A right through a port of this task and back: the name it arrives under.
fn through(way: mach_port_name_t, name: mach_port_name_t, disposition: u32) -> mach_port_name_t {
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(name, disposition)
        .send();
    receive(way).only_port().0
}

#[test]
fn fact_11_send_rights_join_the_receive_rights_name() {
    let (way, port) = (made::port(), made::port());
    for (disposition, expected) in [
        (MACH_MSG_TYPE_MAKE_SEND, 1),
        (MACH_MSG_TYPE_COPY_SEND, 2),
        (MACH_MSG_TYPE_MAKE_SEND, 3),
        (MACH_MSG_TYPE_MOVE_SEND, 3),
    ] {
        assert_eq!(through(way, port, disposition), port);
        assert_eq!(type_of(port), Ok(BOTH));
        assert_eq!(refs(port, SEND), Ok(expected));
    }
    made::kill(port);
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(way);
}

#[test]
fn fact_11_a_receive_right_joins_the_send_rights_name() {
    let (way, port) = (made::port(), made::port_with_send());
    assert_eq!(mod_refs(port, SEND, 4), KERN_SUCCESS);
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_SEND));
    // A further send right while the receive right is on its way.
    let other = made::port();
    assert_eq!(through(other, port, MACH_MSG_TYPE_COPY_SEND), port);
    made::kill(other);
    let arrived = receive(way).only_port();
    assert_eq!(arrived, (port, MACH_MSG_TYPE_PORT_RECEIVE));
    assert_eq!(type_of(port), Ok(BOTH));
    assert_eq!(refs(port, SEND), Ok(6));
    made::kill(port);
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(way);
}

#[test]
fn fact_11_every_send_once_right_has_a_name_of_its_own() {
    let (way, port) = (made::port(), made::port_with_send());
    let mut all = vec![port, made::send_once(port), made::send_once(port)];
    all.push(through(way, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
    all.push(through(way, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
    let mut distinct = all.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len());
    for &once in &all[1..] {
        assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
        assert_eq!(deallocate(once), KERN_SUCCESS);
    }
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(way);
}

#[test]
fn fact_11_one_name_in_another_task_whatever_arrives_first() {
    two(
        "fact_11_one_name_in_another_task_whatever_arrives_first",
        |line, _| {
            let port = made::port_with_send();
            for (item, disposition) in [
                (port, MACH_MSG_TYPE_COPY_SEND),
                (port, MACH_MSG_TYPE_MAKE_SEND),
                (port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
                (port, MACH_MSG_TYPE_MOVE_RECEIVE),
                (port, MACH_MSG_TYPE_MOVE_SEND),
            ] {
                line.letter().port(item, disposition).send();
            }
            line.wait();
        },
        |line| {
            let first = line.next().only_port().0;
            assert_eq!(type_of(first), Ok(MACH_PORT_TYPE_SEND));
            assert_eq!(line.next().only_port().0, first);
            assert_eq!(refs(first, SEND), Ok(2));
            let once = line.next().only_port().0;
            assert_ne!(once, first);
            assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
            assert_eq!(line.next().only_port(), (first, MACH_MSG_TYPE_PORT_RECEIVE));
            assert_eq!(type_of(first), Ok(BOTH));
            assert_eq!(line.next().only_port(), (first, MACH_MSG_TYPE_PORT_SEND));
            assert_eq!(refs(first, SEND), Ok(3));
            line.go();
        },
    );
}

#[test]
fn fact_11_a_right_that_comes_home_joins_its_name() {
    two(
        "fact_11_a_right_that_comes_home_joins_its_name",
        |line, _| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            for refs_now in 1..=3 {
                assert_eq!(line.next().only_port(), (port, MACH_MSG_TYPE_PORT_SEND));
                assert_eq!(type_of(port), Ok(BOTH));
                assert_eq!(refs(port, SEND), Ok(refs_now));
            }
        },
        |line| {
            let port = line.next().only_port().0;
            line.letter().port(port, MACH_MSG_TYPE_COPY_SEND).send();
            line.letter().port(port, MACH_MSG_TYPE_COPY_SEND).send();
            line.letter().port(port, MACH_MSG_TYPE_MOVE_SEND).send();
            assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
        },
    );
}

#[test]
fn fact_11_a_clients_port_has_one_name_in_its_server() {
    two(
        "fact_11_a_clients_port_has_one_name_in_its_server",
        |line, _| {
            let first = line.next().only_port().0;
            let again = line.next().only_port().0;
            let other = line.next().only_port().0;
            assert_eq!(again, first);
            assert_ne!(other, first);
            assert_eq!(refs(first, SEND), Ok(2));
            line.go();
        },
        |line| {
            let (port, other) = (made::port(), made::port());
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.letter().port(other, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
        },
    );
}

#[test]
fn fact_12_insert_right_at_its_own_name_adds_a_reference() {
    let port = made::port();
    for (disposition, expected) in [
        (MACH_MSG_TYPE_MAKE_SEND, 1),
        (MACH_MSG_TYPE_COPY_SEND, 2),
        (MACH_MSG_TYPE_MAKE_SEND, 3),
        (MACH_MSG_TYPE_MOVE_SEND, 3),
    ] {
        assert_eq!(insert_right(port, port, disposition), KERN_SUCCESS);
        assert_eq!(refs(port, SEND), Ok(expected), "disposition {disposition}");
    }
    made::kill(port);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_12_insert_right_at_another_rights_name() {
    // A chosen name that was refused is the next that anybody gets: nobody else may ask for one here.
    alone("fact_12_insert_right_at_another_rights_name", || {
        let (a, b) = (made::port(), made::port_with_send());
        for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND] {
            assert_eq!(insert_right(a, b, disposition), KERN_RIGHT_EXISTS);
            assert_eq!(insert_right(0x0001_e203, b, disposition), KERN_RIGHT_EXISTS);
        }
        assert_eq!(type_of(a), Ok(MACH_PORT_TYPE_RECEIVE));
        assert_eq!(refs(b, SEND), Ok(1));
        // What moved is gone all the same.
        assert_eq!(
            insert_right(a, b, MACH_MSG_TYPE_MOVE_SEND),
            KERN_RIGHT_EXISTS
        );
        assert_eq!(type_of(b), Ok(MACH_PORT_TYPE_RECEIVE));
        made::kill(a);
        made::kill(b);
    });
}

#[test]
fn fact_12_insert_right_of_a_port_without_name_at_a_used_name() {
    let (a, b) = (made::port(), made::port());
    // Taken from its name by the call itself, the port has none.
    assert_eq!(
        insert_right(a, b, MACH_MSG_TYPE_MOVE_RECEIVE),
        KERN_NAME_EXISTS
    );
    assert_eq!(type_of(a), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(type_of(b), Err(KERN_INVALID_NAME));
    made::kill(a);
}

#[test]
fn fact_12_insert_right_can_move_a_right_to_a_chosen_name() {
    // Nobody else may ask for a name here: a table that grew for a chosen one gives out its names in any order.
    alone(
        "fact_12_insert_right_can_move_a_right_to_a_chosen_name",
        || {
            let port = made::port();
            let once = made::send_once(port);
            assert_eq!(
                insert_right(0x0001_e303, once, MACH_MSG_TYPE_MOVE_SEND_ONCE),
                KERN_SUCCESS
            );
            assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
            assert_eq!(type_of(0x0001_e303), Ok(MACH_PORT_TYPE_SEND_ONCE));
            assert_eq!(deallocate(0x0001_e303), KERN_SUCCESS);
            assert_eq!(
                insert_right(0x0001_e403, port, MACH_MSG_TYPE_MOVE_RECEIVE),
                KERN_SUCCESS
            );
            assert_eq!(type_of(0x0001_e403), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!(drain(0x0001_e403), [MACH_NOTIFY_SEND_ONCE]);
            made::kill(0x0001_e403);
        },
    );
}

/// A send right alone, as one task has it only while the receive right is on its way; the way it is on.
fn send_right_alone() -> (mach_port_name_t, mach_port_name_t) {
    let (port, way) = (made::port_with_send(), made::port());
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    (port, way)
}

/// What `insert_right` does with a send right alone, wherever its port is. It has one reference, and is gone then.
fn insert_send_right_alone(port: mach_port_name_t, free: mach_port_name_t) {
    let used = made::port();
    assert_eq!(
        insert_right(port, port, MACH_MSG_TYPE_COPY_SEND),
        KERN_SUCCESS
    );
    assert_eq!(refs(port, SEND), Ok(2));
    for disposition in [
        MACH_MSG_TYPE_MAKE_SEND,
        MACH_MSG_TYPE_MAKE_SEND_ONCE,
        MACH_MSG_TYPE_MOVE_RECEIVE,
    ] {
        for target in [port, used, free] {
            assert_eq!(
                insert_right(target, port, disposition),
                KERN_INVALID_RIGHT,
                "disposition {disposition}"
            );
        }
    }
    for target in [used, free] {
        assert_eq!(
            insert_right(target, port, MACH_MSG_TYPE_COPY_SEND),
            KERN_RIGHT_EXISTS
        );
    }
    assert_eq!(refs(port, SEND), Ok(2));
    // With one reference left its name is free once that has moved.
    assert_eq!(
        insert_right(free, port, MACH_MSG_TYPE_MOVE_SEND),
        KERN_RIGHT_EXISTS
    );
    assert_eq!(refs(port, SEND), Ok(1));
    assert_eq!(
        insert_right(free, port, MACH_MSG_TYPE_MOVE_SEND),
        KERN_SUCCESS
    );
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    assert_eq!(type_of(free), Ok(MACH_PORT_TYPE_SEND));
    assert_eq!(
        insert_right(used, free, MACH_MSG_TYPE_MOVE_SEND),
        KERN_NAME_EXISTS
    );
    assert_eq!(type_of(free), Err(KERN_INVALID_NAME));
    made::kill(used);
}

#[test]
fn fact_12_insert_right_of_a_send_right_alone() {
    alone("fact_12_insert_right_of_a_send_right_alone", || {
        let (port, way) = send_right_alone();
        insert_send_right_alone(port, 0x0001_e803);
        let (arrived, _) = receive(way).only_port();
        assert_eq!(status(arrived).unwrap().srights, 0);
        made::kill(arrived);
        made::kill(way);
    });
}

#[test]
fn fact_12_insert_right_of_a_send_right_to_another_tasks_port() {
    two(
        "fact_12_insert_right_of_a_send_right_to_another_tasks_port",
        |line, _| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            assert_eq!(status(port).unwrap().srights, 0);
        },
        |line| {
            insert_send_right_alone(line.next().only_port().0, 0x0001_e903);
            line.go();
        },
    );
}

#[test]
fn fact_12_insert_right_without_the_right() {
    let (port, set) = (made::port(), made::set());
    let once = made::send_once(port);
    for (name, disposition) in [
        (port, MACH_MSG_TYPE_COPY_SEND),
        (port, MACH_MSG_TYPE_MOVE_SEND),
        (port, MACH_MSG_TYPE_MOVE_SEND_ONCE),
        (task(), MACH_MSG_TYPE_MAKE_SEND),
        (task(), MACH_MSG_TYPE_MAKE_SEND_ONCE),
        (task(), MACH_MSG_TYPE_MOVE_RECEIVE),
        (task(), MACH_MSG_TYPE_MOVE_SEND_ONCE),
        (once, MACH_MSG_TYPE_COPY_SEND),
        (once, MACH_MSG_TYPE_MOVE_SEND),
        (once, MACH_MSG_TYPE_MAKE_SEND),
        (set, MACH_MSG_TYPE_MAKE_SEND),
        (set, MACH_MSG_TYPE_COPY_SEND),
        (set, MACH_MSG_TYPE_MOVE_RECEIVE),
        (port, 0),
        (port, 15),
        (port, 22),
        (port, u32::MAX),
    ] {
        assert_eq!(
            insert_right(0x0001_e503, name, disposition),
            KERN_INVALID_RIGHT,
            "{name:#x}, disposition {disposition}"
        );
        // There is a shorter way for a right at its own name; it says the same.
        assert_eq!(
            insert_right(name, name, disposition),
            KERN_INVALID_RIGHT,
            "{name:#x} at its own name, disposition {disposition}"
        );
    }
    for name in [port, set, once] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_12_insert_right_from_a_dead_name() {
    let dead = made::dead_name();
    assert_eq!(mod_refs(dead, MACH_PORT_RIGHT_DEAD_NAME, 4), KERN_SUCCESS);
    let port = made::port();
    for target in [dead, port, 0x0001_e603] {
        assert_eq!(
            insert_right(target, dead, MACH_MSG_TYPE_COPY_SEND),
            KERN_INVALID_CAPABILITY
        );
    }
    assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(5));
    // To move is to take a reference, also from a dead name.
    for (disposition, left) in [
        (MACH_MSG_TYPE_MOVE_SEND, 4),
        (MACH_MSG_TYPE_MOVE_SEND_ONCE, 3),
    ] {
        assert_eq!(
            insert_right(0x0001_e603, dead, disposition),
            KERN_INVALID_CAPABILITY
        );
        assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(left));
    }
    for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE] {
        assert_eq!(
            insert_right(0x0001_e603, dead, disposition),
            KERN_INVALID_RIGHT
        );
    }
    // The shorter way looks at the name first; some versions do without it.
    let code = insert_right(dead, dead, MACH_MSG_TYPE_MAKE_SEND);
    let older = cfg!(target_vendor = "apple") && code == KERN_INVALID_RIGHT;
    assert!(code == KERN_INVALID_CAPABILITY || older, "{code}");
    assert_eq!(destroy(dead), KERN_SUCCESS);
    made::kill(port);
}

#[test]
fn fact_12_insert_right_from_no_name() {
    for name in [made::absent(), MACH_PORT_NULL, MACH_PORT_DEAD] {
        for disposition in [
            MACH_MSG_TYPE_COPY_SEND,
            MACH_MSG_TYPE_MAKE_SEND,
            MACH_MSG_TYPE_MOVE_SEND,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
            MACH_MSG_TYPE_MOVE_RECEIVE,
        ] {
            for target in [name, 0x0001_e703] {
                assert_eq!(
                    insert_right(target, name, disposition),
                    KERN_INVALID_NAME,
                    "{name:#x}, disposition {disposition}"
                );
            }
        }
    }
}

#[test]
fn fact_12_insert_right_at_the_names_null_and_dead() {
    let port = made::port();
    for target in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE] {
            assert_eq!(insert_right(target, port, disposition), KERN_INVALID_VALUE);
        }
    }
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_ONCE]);
    made::kill(port);
}

#[test]
fn fact_12_a_send_once_right_that_finds_no_name_is_destroyed() {
    let (port, other) = (made::port(), made::port());
    let once = made::send_once(other);
    for used in [port, other, once] {
        assert_eq!(
            insert_right(used, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
            KERN_NAME_EXISTS
        );
        assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    }
    assert_eq!(status(port).unwrap().sorights, 0);
    assert_eq!(destroy(once), KERN_SUCCESS);
    made::kill(port);
    made::kill(other);
}

#[test]
fn fact_13_extract_right_gives_the_name_that_the_right_has() {
    let port = made::port();
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_MAKE_SEND),
        Ok((port, MACH_MSG_TYPE_PORT_SEND))
    );
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_COPY_SEND),
        Ok((port, MACH_MSG_TYPE_PORT_SEND))
    );
    assert_eq!(refs(port, SEND), Ok(2));
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_MOVE_SEND),
        Ok((port, MACH_MSG_TYPE_PORT_SEND))
    );
    assert_eq!(refs(port, SEND), Ok(2));
    let (once, disposition) = extract_right(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).unwrap();
    assert_ne!(once, port);
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
    assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
    let (moved, disposition) = extract_right(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).unwrap();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
    assert_eq!(type_of(moved), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_MOVE_RECEIVE),
        Ok((port, MACH_MSG_TYPE_PORT_RECEIVE))
    );
    assert_eq!(type_of(port), Ok(BOTH));
    assert_eq!(destroy(moved), KERN_SUCCESS);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_13_extract_right_from_a_send_right_alone() {
    let (port, way) = send_right_alone();
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_COPY_SEND),
        Ok((port, MACH_MSG_TYPE_PORT_SEND))
    );
    assert_eq!(refs(port, SEND), Ok(2));
    for disposition in [
        MACH_MSG_TYPE_MAKE_SEND,
        MACH_MSG_TYPE_MAKE_SEND_ONCE,
        MACH_MSG_TYPE_MOVE_SEND_ONCE,
        MACH_MSG_TYPE_MOVE_RECEIVE,
    ] {
        assert_eq!(extract_right(port, disposition), Err(KERN_INVALID_RIGHT));
    }
    // Moved and put back, it may have got another name.
    assert_eq!(mod_refs(port, SEND, -1), KERN_SUCCESS);
    let (moved, _) = extract_right(port, MACH_MSG_TYPE_MOVE_SEND).unwrap();
    assert_eq!(refs(moved, SEND), Ok(1));
    assert_eq!(receive(way).only_port().0, moved);
    assert_eq!(destroy(moved), KERN_SUCCESS);
    made::kill(way);
}

#[test]
fn fact_13_extract_right_refuses() {
    let (port, set) = (made::port(), made::set());
    for disposition in [0, 15, 22, 23, u32::MAX] {
        for name in [port, made::absent(), MACH_PORT_NULL] {
            assert_eq!(extract_right(name, disposition), Err(KERN_INVALID_VALUE));
        }
    }
    for disposition in MACH_MSG_TYPE_MOVE_RECEIVE..=MACH_MSG_TYPE_MAKE_SEND_ONCE {
        for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(extract_right(name, disposition), Err(KERN_INVALID_RIGHT));
        }
        assert_eq!(
            extract_right(made::absent(), disposition),
            Err(KERN_INVALID_NAME)
        );
        assert_eq!(extract_right(set, disposition), Err(KERN_INVALID_RIGHT));
    }
    assert_eq!(
        extract_right(port, MACH_MSG_TYPE_COPY_SEND),
        Err(KERN_INVALID_RIGHT)
    );
    assert_eq!(destroy(set), KERN_SUCCESS);
    made::kill(port);
}

#[test]
fn fact_13_extract_right_of_a_dead_name_gives_the_name_dead() {
    let dead = made::dead_name();
    assert_eq!(mod_refs(dead, MACH_PORT_RIGHT_DEAD_NAME, 2), KERN_SUCCESS);
    for (disposition, left) in [(MACH_MSG_TYPE_COPY_SEND, 3), (MACH_MSG_TYPE_MOVE_SEND, 2)] {
        let (name, _) = extract_right(dead, disposition).unwrap();
        assert_eq!(name, MACH_PORT_DEAD);
        assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(left));
    }
    for disposition in [
        MACH_MSG_TYPE_MAKE_SEND,
        MACH_MSG_TYPE_MAKE_SEND_ONCE,
        MACH_MSG_TYPE_MOVE_RECEIVE,
    ] {
        assert_eq!(extract_right(dead, disposition), Err(KERN_INVALID_RIGHT));
    }
    assert_eq!(destroy(dead), KERN_SUCCESS);
}

#[test]
fn fact_14_what_counts_as_a_make_send() {
    let (port, way) = (made::port(), made::port());
    let count = || status(port).unwrap().mscount;
    assert_eq!(count(), 0);
    made::send(port);
    assert_eq!(count(), 1);
    assert_eq!(
        insert_right(port, port, MACH_MSG_TYPE_COPY_SEND),
        KERN_SUCCESS
    );
    let once = made::send_once(port);
    assert_eq!(mod_refs(port, SEND, 3), KERN_SUCCESS);
    assert_eq!(count(), 1);
    assert_eq!(through(way, port, MACH_MSG_TYPE_MAKE_SEND), port);
    assert_eq!(count(), 2);
    assert_eq!(through(way, port, MACH_MSG_TYPE_COPY_SEND), port);
    assert_eq!(count(), 2);
    // As a destination and as a reply port, too.
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).send();
    assert_eq!(count(), 3);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .reply(port, MACH_MSG_TYPE_MAKE_SEND)
        .send();
    assert_eq!(count(), 4);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    assert_eq!(count(), 4);
    // It counts what was made, not what there is.
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(count(), 4);
    assert_eq!(set_mscount(port, 77), KERN_SUCCESS);
    made::send(port);
    assert_eq!(count(), 78);
    assert_eq!(destroy(once), KERN_SUCCESS);
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(way);
}

#[test]
fn fact_14_set_mscount_wants_a_receive_right() {
    let dead = made::set();
    assert_eq!(set_mscount(dead, 1), KERN_INVALID_RIGHT);
    assert_eq!(set_mscount(task(), 1), KERN_INVALID_RIGHT);
    assert_eq!(set_mscount(made::absent(), 1), KERN_INVALID_NAME);
    assert_eq!(destroy(dead), KERN_SUCCESS);
}

#[test]
fn fact_15_the_type_shows_that_a_request_stands() {
    let (port, notify) = (made::port_with_send(), made::port());
    let once = made::send_once(port);
    let requested = |id, sync| {
        let previous =
            request_notification(port, id, sync, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE).unwrap();
        if previous != MACH_PORT_NULL {
            assert_eq!(destroy(previous), KERN_SUCCESS);
        }
        type_of(port).unwrap()
    };
    assert_eq!(
        requested(MACH_NOTIFY_DEAD_NAME, 0),
        BOTH | MACH_PORT_TYPE_DNREQUEST
    );
    assert_eq!(
        requested(MACH_NOTIFY_SEND_POSSIBLE, 0),
        BOTH | MACH_PORT_TYPE_DNREQUEST
    );
    // The list tells more than the single type.
    let all = BOTH
        | MACH_PORT_TYPE_DNREQUEST
        | MACH_PORT_TYPE_SPREQUEST
        | MACH_PORT_TYPE_SPREQUEST_DELAYED;
    assert!(names().unwrap().contains(&(port, all)));
    // Fires at once, and so does not stand.
    assert_eq!(requested(MACH_NOTIFY_SEND_POSSIBLE, 1), BOTH);
    assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
    request_notification(
        once,
        MACH_NOTIFY_DEAD_NAME,
        0,
        notify,
        MACH_MSG_TYPE_MAKE_SEND_ONCE,
    )
    .unwrap();
    assert_eq!(
        type_of(once),
        Ok(MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DNREQUEST)
    );
    assert_eq!(destroy(once), KERN_SUCCESS);
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(notify);
}

#[test]
fn fact_15_names_lists_all_by_index() {
    alone("fact_15_names_lists_all_by_index", || {
        let _ = names().unwrap();
        let before = names().unwrap();
        let port = made::port_with_send();
        let mut made = [
            (port, BOTH | MACH_PORT_TYPE_DNREQUEST),
            (made::set(), MACH_PORT_TYPE_PORT_SET),
            (made::dead_name(), MACH_PORT_TYPE_DEAD_NAME),
            (made::port(), MACH_PORT_TYPE_RECEIVE),
            (made::send_once(port), MACH_PORT_TYPE_SEND_ONCE),
        ];
        let notify = made[3].0;
        request_notification(
            port,
            MACH_NOTIFY_DEAD_NAME,
            0,
            notify,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
        )
        .unwrap();
        let after = names().unwrap();
        assert!(after.is_sorted_by_key(|(name, _)| name >> 8));
        let mut added: Vec<_> = after
            .iter()
            .copied()
            .filter(|&(name, _)| !before.iter().any(|&(old, _)| old == name))
            .collect();
        added.sort_unstable();
        made.sort_unstable();
        assert_eq!(added, made);
        assert_eq!(after.len(), before.len() + made.len());
        made::kill(port);
        let dead: Vec<_> = names()
            .unwrap()
            .into_iter()
            .filter(|&(name, kind)| name != made[2].0 && kind == MACH_PORT_TYPE_DEAD_NAME)
            .collect();
        assert!(dead.contains(&(port, MACH_PORT_TYPE_DEAD_NAME)), "{dead:?}");
    });
}
