//! User references: how they are counted, and what is left when they are gone. Mach facts 4 to 10.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Item, Letter, drain, receive};
use rendezvous_tests::raw::{
    context, deallocate, destroy, destruct, guard, insert_right, made, mod_refs, refs,
    request_notification, set_context, set_mscount, set_seqno, srights, status, swap_guard,
    type_of, unguard,
};
use rendezvous_tests::second::{two, two_until_killed};

const KINDS: [mach_port_right_t; 5] = [
    MACH_PORT_RIGHT_SEND,
    MACH_PORT_RIGHT_RECEIVE,
    MACH_PORT_RIGHT_SEND_ONCE,
    MACH_PORT_RIGHT_PORT_SET,
    MACH_PORT_RIGHT_DEAD_NAME,
];
const MAX: i32 = MACH_PORT_UREFS_MAX as i32;

#[test]
fn fact_04_mod_refs_of_a_right_that_the_name_does_not_hold() {
    let port = made::port();
    let names = [
        (port, MACH_PORT_TYPE_RECEIVE),
        (made::set(), MACH_PORT_TYPE_PORT_SET),
        (made::dead_name(), MACH_PORT_TYPE_DEAD_NAME),
        (made::send_once(port), MACH_PORT_TYPE_SEND_ONCE),
        (rendezvous_tests::raw::task(), MACH_PORT_TYPE_SEND),
    ];
    for (name, held) in names {
        for right in KINDS.into_iter().filter(|&r| held != MACH_PORT_TYPE(r)) {
            for delta in [-1, 0, 1, -2, 100_000] {
                assert_eq!(
                    mod_refs(name, right, delta),
                    KERN_INVALID_RIGHT,
                    "right {right} of type {held:#x}, {delta}"
                );
            }
        }
        assert_eq!(type_of(name), Ok(held));
    }
    for (name, _) in names.into_iter().take(4) {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_04_mod_refs_of_rights_that_do_not_exist() {
    let port = made::port();
    for name in [port, made::absent(), MACH_PORT_NULL, MACH_PORT_DEAD] {
        for right in [MACH_PORT_RIGHT_NUMBER, 7, u32::MAX] {
            assert_eq!(mod_refs(name, right, 0), KERN_INVALID_VALUE);
            assert_eq!(refs(name, right), Err(KERN_INVALID_VALUE));
        }
    }
    for delta in [-1, 0, 1] {
        assert_eq!(
            mod_refs(port, MACH_PORT_RIGHT_LABELH, delta),
            KERN_INVALID_RIGHT
        );
    }
    made::kill(port);
}

#[test]
fn fact_04_mod_refs_of_an_unknown_name() {
    for right in KINDS.into_iter().chain([MACH_PORT_RIGHT_LABELH]) {
        for delta in [-1, 0, 1] {
            assert_eq!(mod_refs(made::absent(), right, delta), KERN_INVALID_NAME);
        }
        assert_eq!(refs(made::absent(), right), Err(KERN_INVALID_NAME));
    }
}

#[test]
fn fact_05_send_rights_and_dead_names_count_up_and_down() {
    let port = made::port_with_send();
    for (name, right) in [
        (port, MACH_PORT_RIGHT_SEND),
        (made::dead_name(), MACH_PORT_RIGHT_DEAD_NAME),
    ] {
        assert_eq!(mod_refs(name, right, 4), KERN_SUCCESS);
        assert_eq!(refs(name, right), Ok(5));
        for delta in [-6, 65_536, -65_536, -65_535, i32::MAX, i32::MIN] {
            assert_eq!(mod_refs(name, right, delta), KERN_INVALID_VALUE, "{delta}");
            assert_eq!(refs(name, right), Ok(5), "after {delta}");
        }
        assert_eq!(mod_refs(name, right, 0), KERN_SUCCESS);
        assert_eq!(mod_refs(name, right, -3), KERN_SUCCESS);
        assert_eq!(refs(name, right), Ok(2));
        assert_eq!(mod_refs(name, right, -2), KERN_SUCCESS);
    }
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    made::kill(port);
}

#[test]
fn fact_05_receive_rights_and_sets_are_there_once() {
    for (name, right) in [
        (made::port(), MACH_PORT_RIGHT_RECEIVE),
        (made::set(), MACH_PORT_RIGHT_PORT_SET),
    ] {
        assert_eq!(mod_refs(name, right, 0), KERN_SUCCESS);
        for delta in [1, -2, 65_536, -65_536, i32::MAX, i32::MIN] {
            assert_eq!(mod_refs(name, right, delta), KERN_INVALID_VALUE, "{delta}");
        }
        assert_eq!(refs(name, right), Ok(1));
        assert_eq!(mod_refs(name, right, -1), KERN_SUCCESS);
        assert_eq!(type_of(name), Err(KERN_INVALID_NAME));
    }
}

#[test]
fn fact_05_a_send_once_right_goes_with_its_notification() {
    let port = made::port();
    let once = made::send_once(port);
    assert_eq!(mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, 0), KERN_SUCCESS);
    for delta in [1, -2, i32::MAX, i32::MIN] {
        assert_eq!(
            mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, delta),
            KERN_INVALID_VALUE
        );
    }
    assert!(drain(port).is_empty());
    assert_eq!(mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, -1), KERN_SUCCESS);
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    made::kill(port);
}

#[test]
fn fact_05_a_dead_send_once_right_is_a_dead_name_with_one_reference() {
    let port = made::port();
    let once = made::send_once(port);
    made::kill(port);
    assert_eq!(
        mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, -1),
        KERN_INVALID_RIGHT
    );
    assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(refs(once, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
    assert_eq!(mod_refs(once, MACH_PORT_RIGHT_DEAD_NAME, -1), KERN_SUCCESS);
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_06_references_stay_at_the_maximum() {
    let port = made::port_with_send();
    for (name, right) in [
        (port, MACH_PORT_RIGHT_SEND),
        (made::dead_name(), MACH_PORT_RIGHT_DEAD_NAME),
    ] {
        assert_eq!(mod_refs(name, right, MAX), KERN_SUCCESS);
        assert_eq!(refs(name, right), Ok(MACH_PORT_UREFS_MAX));
        for delta in [1, MAX, -1, -2, 1 - MAX, 0] {
            assert_eq!(mod_refs(name, right, delta), KERN_SUCCESS, "{delta}");
            assert_eq!(refs(name, right), Ok(MACH_PORT_UREFS_MAX), "after {delta}");
        }
        for delta in [MAX + 1, -MAX - 1] {
            assert_eq!(mod_refs(name, right, delta), KERN_INVALID_VALUE, "{delta}");
        }
        assert_eq!(deallocate(name), KERN_SUCCESS);
        assert_eq!(refs(name, right), Ok(MACH_PORT_UREFS_MAX));
        assert_eq!(mod_refs(name, right, -MAX), KERN_SUCCESS);
        assert_eq!(refs(name, right).unwrap_or(0), 0);
    }
    made::kill(port);
}

#[test]
fn fact_06_more_rights_succeed_at_the_maximum() {
    let port = made::port_with_send();
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, MAX - 1), KERN_SUCCESS);
    for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND] {
        assert_eq!(insert_right(port, port, disposition), KERN_SUCCESS);
    }
    for disposition in [
        MACH_MSG_TYPE_COPY_SEND,
        MACH_MSG_TYPE_MAKE_SEND,
        MACH_MSG_TYPE_MOVE_SEND,
    ] {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
            .port(port, disposition)
            .send();
        assert_eq!(
            refs(port, MACH_PORT_RIGHT_SEND),
            Ok(MACH_PORT_UREFS_MAX),
            "sent {disposition}"
        );
        assert_eq!(receive(port).only_port(), (port, MACH_MSG_TYPE_PORT_SEND));
        assert_eq!(
            refs(port, MACH_PORT_RIGHT_SEND),
            Ok(MACH_PORT_UREFS_MAX),
            "received {disposition}"
        );
    }
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, -MAX), KERN_SUCCESS);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(status(port).unwrap().srights, 0);
    made::kill(port);
}

#[test]
fn fact_06_a_name_dies_with_as_many_references_as_it_had() {
    let port = made::port_with_send();
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, MAX), KERN_SUCCESS);
    // The dead-name request's reference finds no room.
    let notify = made::port();
    request_notification(
        port,
        MACH_NOTIFY_DEAD_NAME,
        0,
        notify,
        MACH_MSG_TYPE_MAKE_SEND_ONCE,
    )
    .unwrap();
    // A partial delta is ignored as well.
    assert_eq!(destruct(port, -5, 0), KERN_SUCCESS);
    assert_eq!(
        refs(port, MACH_PORT_RIGHT_DEAD_NAME),
        Ok(MACH_PORT_UREFS_MAX)
    );
    assert_eq!(
        mod_refs(port, MACH_PORT_RIGHT_DEAD_NAME, -MAX),
        KERN_SUCCESS
    );
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    assert_eq!(drain(notify), [MACH_NOTIFY_DEAD_NAME]);
    made::kill(notify);
}

#[test]
fn fact_07_deallocate() {
    let port = made::port();
    assert_eq!(deallocate(port), KERN_INVALID_RIGHT);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(deallocate(made::absent()), KERN_INVALID_NAME);
    for name in [made::set(), made::dead_name(), made::send_once(port)] {
        assert_eq!(deallocate(name), KERN_SUCCESS);
        assert_eq!(type_of(name), Err(KERN_INVALID_NAME));
    }
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    made::send(port);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(deallocate(port), KERN_INVALID_RIGHT);
    made::kill(port);
}

#[test]
fn fact_08_the_names_null_and_dead_in_calls_on_rights() {
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        assert_eq!(deallocate(name), KERN_SUCCESS);
        assert_eq!(destroy(name), KERN_SUCCESS);
        for right in [MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE] {
            for delta in [-1, 0, 1, 100_000] {
                assert_eq!(mod_refs(name, right, delta), KERN_SUCCESS);
            }
            assert_eq!(refs(name, right), Ok(1));
        }
        for right in [
            MACH_PORT_RIGHT_RECEIVE,
            MACH_PORT_RIGHT_PORT_SET,
            MACH_PORT_RIGHT_DEAD_NAME,
            MACH_PORT_RIGHT_LABELH,
        ] {
            assert_eq!(mod_refs(name, right, 0), KERN_INVALID_NAME);
            assert_eq!(refs(name, right), Err(KERN_INVALID_NAME));
        }
        assert_eq!(destruct(name, 0, 0), KERN_INVALID_NAME);
    }
    assert_eq!(type_of(MACH_PORT_NULL), Err(KERN_INVALID_NAME));
    assert_eq!(type_of(MACH_PORT_DEAD), Ok(MACH_PORT_TYPE_DEAD_NAME));
}

#[test]
fn fact_08_the_names_null_and_dead_in_calls_on_attributes() {
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        assert_eq!(guard(name, 1, false), KERN_INVALID_NAME);
        assert_eq!(unguard(name, 1), KERN_INVALID_NAME);
        assert_eq!(swap_guard(name, 1, 2), KERN_INVALID_NAME);
        assert_eq!(context(name), Err(KERN_INVALID_RIGHT));
        assert_eq!(set_context(name, 1), KERN_INVALID_RIGHT);
        assert_eq!(set_mscount(name, 1), KERN_INVALID_RIGHT);
        assert_eq!(set_seqno(name, 1), KERN_INVALID_RIGHT);
        assert_eq!(srights(name), Err(KERN_INVALID_NAME));
        assert_eq!(status(name), Err(KERN_INVALID_RIGHT));
    }
}

#[test]
fn fact_09_references_to_what_is_not_held_are_none() {
    let port = made::port();
    for right in KINDS
        .into_iter()
        .filter(|&right| right != MACH_PORT_RIGHT_RECEIVE)
    {
        assert_eq!(refs(port, right), Ok(0));
    }
    made::send(port);
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(0));
    made::kill(port);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    assert_eq!(refs(port, MACH_PORT_RIGHT_RECEIVE), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_10_the_send_rights_of_a_destroyed_port_are_a_dead_name() {
    let port = made::port_with_send();
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 2), KERN_SUCCESS);
    made::kill(port);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(0));
    assert_eq!(refs(port, MACH_PORT_RIGHT_RECEIVE), Ok(0));
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_RIGHT);
    for left in [3, 2, 1] {
        assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(left));
        assert_eq!(deallocate(port), KERN_SUCCESS);
    }
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_10_a_dead_name_request_that_fired_is_one_reference_more() {
    let (port, notify) = (made::port_with_send(), made::port());
    let once = made::send_once(port);
    for name in [port, once] {
        request_notification(
            name,
            MACH_NOTIFY_DEAD_NAME,
            0,
            notify,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
        )
        .unwrap();
    }
    made::kill(port);
    for name in [port, once] {
        assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_DEAD_NAME));
        assert_eq!(refs(name, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
        assert_eq!(mod_refs(name, MACH_PORT_RIGHT_DEAD_NAME, -2), KERN_SUCCESS);
    }
    assert_eq!(
        drain(notify),
        [MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_DEAD_NAME]
    );
    made::kill(notify);
}

#[test]
fn fact_06_references_of_a_send_right_alone_stay_at_the_maximum() {
    two(
        "fact_06_references_of_a_send_right_alone_stay_at_the_maximum",
        |line, _| {
            let port = made::port_with_send();
            for _ in 0..2 {
                line.letter().port(port, MACH_MSG_TYPE_COPY_SEND).send();
            }
            for _ in 0..2 {
                assert_eq!(line.next().only_port().0, port);
            }
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            // The other task's name counts as one, whatever its references.
            assert_eq!(status(port).unwrap().srights, 1);
            assert_eq!(srights(port), Ok(1));
            line.go();
            line.wait();
            assert_eq!(status(port).unwrap().srights, 0);
        },
        |line| {
            let port = line.next().only_port().0;
            let count = || refs(port, MACH_PORT_RIGHT_SEND);
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, MAX - 1), KERN_SUCCESS);
            assert_eq!(count(), Ok(MACH_PORT_UREFS_MAX));
            assert_eq!(line.next().only_port().0, port);
            assert_eq!(count(), Ok(MACH_PORT_UREFS_MAX));
            for disposition in [MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND] {
                line.letter().port(port, disposition).send();
                assert_eq!(count(), Ok(MACH_PORT_UREFS_MAX));
            }
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 5), KERN_SUCCESS);
            assert_eq!(count(), Ok(MACH_PORT_UREFS_MAX));
            line.wait();
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, -MAX), KERN_SUCCESS);
            assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
            line.go();
        },
    );
}

#[test]
fn fact_05_a_send_once_right_of_another_task_goes_with_its_notification() {
    two(
        "fact_05_a_send_once_right_of_another_task_goes_with_its_notification",
        |line, _| {
            let port = made::port();
            for _ in 0..3 {
                line.letter()
                    .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .send();
                let mail = receive(port);
                assert_eq!((mail.id(), mail.size()), (MACH_NOTIFY_SEND_ONCE, 24));
                assert_eq!(mail.local(), port);
            }
            line.go();
        },
        |line| {
            let ends: [fn(mach_port_name_t) -> kern_return_t; 3] = [deallocate, destroy, |once| {
                mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, -1)
            }];
            for end in ends {
                let once = line.next().only_port().0;
                for delta in [1, -2] {
                    assert_eq!(
                        mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, delta),
                        KERN_INVALID_VALUE
                    );
                }
                assert_eq!(end(once), KERN_SUCCESS);
                assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
            }
            line.wait();
        },
    );
}

#[test]
fn fact_10_the_rights_of_another_task_are_dead_names() {
    two(
        "fact_10_the_rights_of_another_task_are_dead_names",
        |line, _| {
            let port = made::port();
            line.letter()
                .port(port, MACH_MSG_TYPE_MAKE_SEND)
                .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.wait();
            made::kill(port);
            line.go();
            line.wait();
        },
        |line| {
            let items = line.next().items();
            let &[Item::Port { name: send, .. }, Item::Port { name: once, .. }] = items.as_slice()
            else {
                panic!("{items:?}")
            };
            assert_eq!(mod_refs(send, MACH_PORT_RIGHT_SEND, 2), KERN_SUCCESS);
            let notify = made::port();
            for name in [send, once] {
                request_notification(
                    name,
                    MACH_NOTIFY_DEAD_NAME,
                    0,
                    notify,
                    MACH_MSG_TYPE_MAKE_SEND_ONCE,
                )
                .unwrap();
            }
            line.go();
            line.wait();
            for (name, right, references) in [
                (send, MACH_PORT_RIGHT_SEND, 4),
                (once, MACH_PORT_RIGHT_SEND_ONCE, 2),
            ] {
                assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_DEAD_NAME));
                assert_eq!(refs(name, right), Ok(0));
                assert_eq!(refs(name, MACH_PORT_RIGHT_DEAD_NAME), Ok(references));
                assert_eq!(mod_refs(name, right, 1), KERN_INVALID_RIGHT);
                assert_eq!(destroy(name), KERN_SUCCESS);
            }
            for _ in 0..2 {
                assert_eq!(receive(notify).id(), MACH_NOTIFY_DEAD_NAME);
            }
            line.go();
        },
    );
}

#[test]
fn fact_10_the_rights_of_a_task_that_was_killed() {
    two_until_killed(
        "fact_10_the_rights_of_a_task_that_was_killed",
        |line, process| {
            let port = line.next().only_port().0;
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 1), KERN_SUCCESS);
            process.kill();
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
            assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
            assert_eq!(type_of(line.other), Ok(MACH_PORT_TYPE_DEAD_NAME));
        },
        |line| {
            line.letter()
                .port(made::port(), MACH_MSG_TYPE_MAKE_SEND)
                .send();
            line.wait();
        },
    );
}
