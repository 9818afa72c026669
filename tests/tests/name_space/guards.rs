//! Ports with options: guards, and what `mach_port_construct` and `mach_port_destruct` do. Mach facts 16 to 18.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::{
    construct, context, destroy, destruct, extract_right, guard, guard_with_flags, insert_right,
    made, mod_refs, refs, set_context, status, swap_guard, type_of, unguard,
};
use rendezvous_tests::second::alone_against_a_guard;

const SEND: mach_port_right_t = MACH_PORT_RIGHT_SEND;
const BOTH: mach_port_type_t = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

fn flags(name: mach_port_name_t) -> u32 {
    status(name).expect("a receive right").flags
}

#[test]
fn fact_16_destruct_of_a_receive_right_alone() {
    let port = made::port();
    for delta in [-1, 1, i32::MIN, i32::MAX] {
        assert_eq!(destruct(port, delta, 0), KERN_INVALID_RIGHT, "{delta}");
    }
    assert_eq!(destruct(port, 0, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_16_destruct_with_send_rights() {
    let port = made::port_with_send();
    assert_eq!(mod_refs(port, SEND, 4), KERN_SUCCESS);
    for delta in [1, 2, i32::MAX, -6, -65_536, i32::MIN] {
        assert_eq!(destruct(port, delta, 0), KERN_INVALID_VALUE, "{delta}");
        assert_eq!(refs(port, SEND), Ok(5), "after {delta}");
    }
    assert_eq!(destruct(port, -3, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(2));
    assert_eq!(destruct(port, 0, 0), KERN_INVALID_RIGHT);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_16_destruct_with_all_send_rights_or_none() {
    let port = made::port_with_send();
    assert_eq!(destruct(port, -1, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    let port = made::port_with_send();
    assert_eq!(destruct(port, 0, 0), KERN_SUCCESS);
    assert_eq!(refs(port, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_16_destruct_of_what_is_no_receive_right() {
    let (set, dead, port) = (made::set(), made::dead_name(), made::port());
    let once = made::send_once(port);
    for name in [set, dead, once, rendezvous_tests::raw::task()] {
        for delta in [0, -1, 1] {
            assert_eq!(destruct(name, delta, 0), KERN_INVALID_RIGHT);
        }
    }
    assert_eq!(destruct(made::absent(), 0, 0), KERN_INVALID_NAME);
    for name in [set, dead, once, port] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_16_a_guard_given_for_an_unguarded_port_is_ignored() {
    let port = made::port();
    assert_eq!(set_context(port, 5), KERN_SUCCESS);
    assert_eq!(destruct(port, 0, 77), KERN_SUCCESS);
}

#[test]
fn fact_16_destruct_with_the_right_guard() {
    for strict in [false, true] {
        let port = made::port_with_send();
        assert_eq!(guard(port, 0x1_2345_6789, strict), KERN_SUCCESS);
        assert_eq!(destruct(port, -1, 0x1_2345_6789), KERN_SUCCESS);
        assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    }
}

#[test]
fn fact_16_destruct_with_the_wrong_guard() {
    alone_against_a_guard("fact_16_destruct_with_the_wrong_guard", || {
        let port = construct(MPO_CONTEXT_AS_GUARD | MPO_INSERT_SEND_RIGHT, 0, 11).unwrap();
        assert_eq!(destruct(port, 0, 0), KERN_INVALID_ARGUMENT);
        // The guard comes before too large a delta, and after one that is no delta.
        assert_eq!(destruct(port, -9, 12), KERN_INVALID_ARGUMENT);
        assert_eq!(destruct(port, 1, 12), KERN_INVALID_VALUE);
        assert_eq!(destruct(port, -9, 11), KERN_INVALID_VALUE);
        assert_eq!(type_of(port), Ok(BOTH));
        assert_eq!(destruct(port, -1, 11), KERN_SUCCESS);
    });
}

#[test]
fn fact_17_a_guarded_port_is_not_destroyed() {
    alone_against_a_guard("fact_17_a_guarded_port_is_not_destroyed", || {
        for strict in [false, true] {
            let port = made::port_with_send();
            assert_eq!(guard(port, 3, strict), KERN_SUCCESS);
            assert_eq!(
                mod_refs(port, MACH_PORT_RIGHT_RECEIVE, -1),
                KERN_INVALID_RIGHT
            );
            assert_eq!(type_of(port), Ok(BOTH));
            // Nothing else is forbidden.
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_RECEIVE, 0), KERN_SUCCESS);
            assert_eq!(mod_refs(port, SEND, -1), KERN_SUCCESS);
            assert_eq!(destruct(port, 0, 3), KERN_SUCCESS);

            let port = made::port_with_send();
            assert_eq!(guard(port, 3, strict), KERN_SUCCESS);
            assert_eq!(destroy(port), KERN_INVALID_RIGHT);
            // macOS 11 forgets what the name is before it looks at the guard.
            if !cfg!(target_os = "macos") {
                assert_eq!(type_of(port), Ok(BOTH));
                assert_eq!(destruct(port, -1, 3), KERN_SUCCESS);
            }
        }
    });
}

#[test]
fn fact_17_destroy_takes_a_guard_of_zero_for_the_right_one() {
    let port = construct(MPO_CONTEXT_AS_GUARD, 0, 0).unwrap();
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_17_unguard() {
    let port = made::port();
    assert_eq!(guard(port, 8, false), KERN_SUCCESS);
    assert_eq!(context(port), Ok(8));
    assert_eq!(flags(port), MACH_PORT_STATUS_FLAG_GUARDED);
    assert_eq!(unguard(port, 8), KERN_SUCCESS);
    assert_eq!(context(port), Ok(0));
    assert_eq!(flags(port), 0);
    made::kill(port);
}

#[test]
fn fact_17_unguard_with_the_wrong_guard() {
    alone_against_a_guard("fact_17_unguard_with_the_wrong_guard", || {
        let port = made::port();
        assert_eq!(unguard(port, 0), KERN_INVALID_ARGUMENT);
        assert_eq!(set_context(port, 4), KERN_SUCCESS);
        assert_eq!(unguard(port, 4), KERN_INVALID_ARGUMENT);
        assert_eq!(set_context(port, 0), KERN_SUCCESS);
        assert_eq!(guard(port, 9, true), KERN_SUCCESS);
        assert_eq!(unguard(port, 0), KERN_INVALID_ARGUMENT);
        assert_eq!(unguard(port, 10), KERN_INVALID_ARGUMENT);
        assert_eq!(unguard(port, 9), KERN_SUCCESS);
        made::kill(port);
    });
}

#[test]
fn fact_17_a_context_is_in_the_way_of_a_guard() {
    let port = made::port();
    assert_eq!(set_context(port, 1), KERN_SUCCESS);
    for value in [1, 2, 0] {
        assert_eq!(guard(port, value, false), KERN_INVALID_ARGUMENT);
    }
    assert_eq!(flags(port), 0);
    assert_eq!(set_context(port, 0), KERN_SUCCESS);
    assert_eq!(guard(port, 0, false), KERN_SUCCESS);
    // No context, no obstacle: not even another guard.
    assert_eq!(guard(port, 2, true), KERN_SUCCESS);
    assert_eq!(
        flags(port),
        MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_STRICT_GUARD
    );
    assert_eq!(guard(port, 3, true), KERN_INVALID_ARGUMENT);
    assert_eq!(destruct(port, 0, 2), KERN_SUCCESS);
}

#[test]
fn fact_17_the_context_of_a_guarded_port() {
    let port = made::port();
    assert_eq!(guard(port, 6, false), KERN_SUCCESS);
    assert_eq!(context(port), Ok(6));
    // The guard is the context: who changes one changes the other.
    assert_eq!(set_context(port, 7), KERN_SUCCESS);
    assert_eq!(context(port), Ok(7));
    assert_eq!(unguard(port, 7), KERN_SUCCESS);
    assert_eq!(guard(port, 6, true), KERN_SUCCESS);
    assert_eq!(context(port), Ok(0));
    assert_eq!(destruct(port, 0, 6), KERN_SUCCESS);
}

#[test]
fn fact_17_the_context_of_a_strictly_guarded_port_is_not_set() {
    alone_against_a_guard(
        "fact_17_the_context_of_a_strictly_guarded_port_is_not_set",
        || {
            let port = made::port();
            assert_eq!(guard(port, 6, true), KERN_SUCCESS);
            for value in [0, 5, 6] {
                assert_eq!(set_context(port, value), KERN_INVALID_ARGUMENT);
            }
            assert_eq!(unguard(port, 6), KERN_SUCCESS);
            made::kill(port);
        },
    );
}

#[test]
fn fact_17_swap_guard() {
    let port = made::port();
    assert_eq!(guard(port, 1, false), KERN_SUCCESS);
    assert_eq!(swap_guard(port, 1, 2), KERN_SUCCESS);
    assert_eq!(context(port), Ok(2));
    assert_eq!(unguard(port, 2), KERN_SUCCESS);
    made::kill(port);
}

#[test]
fn fact_17_swap_guard_refuses() {
    alone_against_a_guard("fact_17_swap_guard_refuses", || {
        let port = made::port();
        assert_eq!(swap_guard(port, 0, 2), KERN_INVALID_ARGUMENT);
        assert_eq!(guard(port, 1, false), KERN_SUCCESS);
        assert_eq!(swap_guard(port, 2, 3), KERN_INVALID_ARGUMENT);
        assert_eq!(unguard(port, 1), KERN_SUCCESS);
        // A strict guard is not changed, whoever knows it.
        assert_eq!(guard(port, 1, true), KERN_SUCCESS);
        assert_eq!(swap_guard(port, 1, 2), KERN_INVALID_ARGUMENT);
        assert_eq!(destruct(port, 0, 1), KERN_SUCCESS);
    });
}

#[test]
fn fact_17_guards_want_a_receive_right() {
    let (set, port) = (made::set(), made::port());
    let once = made::send_once(port);
    for (name, code) in [
        (set, KERN_INVALID_RIGHT),
        (once, KERN_INVALID_RIGHT),
        (rendezvous_tests::raw::task(), KERN_INVALID_RIGHT),
        (made::absent(), KERN_INVALID_NAME),
    ] {
        assert_eq!(guard(name, 1, false), code);
        assert_eq!(guard_with_flags(name, 1, 0), code);
        assert_eq!(unguard(name, 1), code);
        assert_eq!(swap_guard(name, 1, 2), code);
        assert_eq!(context(name), Err(code));
        assert_eq!(set_context(name, 1), code);
    }
    for name in [set, once, port] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_17_a_guarded_port_works() {
    let port = made::port();
    assert_eq!(guard(port, 1, true), KERN_SUCCESS);
    made::send(port);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(4).send();
    assert_eq!(receive(port).id(), 4);
    assert_eq!(destruct(port, -1, 1), KERN_SUCCESS);
}

#[test]
fn fact_17_a_guard_does_not_keep_the_right_from_moving() {
    let (port, way) = (made::port(), made::port());
    assert_eq!(guard(port, 1, true), KERN_SUCCESS);
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    let (port, _) = receive(way).only_port();
    assert_eq!(flags(port), 0);
    assert_eq!(context(port), Ok(0));
    made::kill(port);
    made::kill(way);
}

#[test]
fn fact_17_guard_with_flags() {
    let port = made::port();
    assert_eq!(guard_with_flags(port, 1, MPG_STRICT), KERN_SUCCESS);
    assert_eq!(
        flags(port),
        MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_STRICT_GUARD
    );
    assert_eq!(unguard(port, 1), KERN_SUCCESS);
    assert_eq!(
        guard_with_flags(port, 0x11, MPG_IMMOVABLE_RECEIVE),
        KERN_SUCCESS
    );
    let immovable = MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE;
    assert_eq!(flags(port), immovable);
    assert_eq!(swap_guard(port, 0x11, 0xde18), KERN_SUCCESS);
    assert_eq!(unguard(port, 0xde18), KERN_SUCCESS);
    // Only a guard shows it, but it stays.
    assert_eq!(flags(port), 0);
    assert_eq!(guard(port, 1, false), KERN_SUCCESS);
    assert_eq!(flags(port), immovable);
    assert_eq!(destruct(port, 0, 1), KERN_SUCCESS);
}

#[test]
fn fact_17_what_must_not_move_does_not() {
    alone_against_a_guard("fact_17_what_must_not_move_does_not", || {
        let port = construct(MPO_CONTEXT_AS_GUARD | MPO_IMMOVABLE_RECEIVE, 0, 0x10).unwrap();
        let way = made::port();
        let by_message = |letter: Letter| letter.try_send();
        let to = || Letter::to(way, MACH_MSG_TYPE_MAKE_SEND);
        assert_eq!(
            by_message(to().port(port, MACH_MSG_TYPE_MOVE_RECEIVE)),
            MACH_SEND_INVALID_RIGHT
        );
        // Not even with its guard.
        assert_eq!(
            by_message(to().guarded(port, MACH_MSG_TYPE_MOVE_RECEIVE, 0x10, 1)),
            MACH_SEND_INVALID_RIGHT
        );
        assert_eq!(
            extract_right(port, MACH_MSG_TYPE_MOVE_RECEIVE),
            Err(KERN_INVALID_CAPABILITY)
        );
        assert_eq!(
            insert_right(0x0001_d203, port, MACH_MSG_TYPE_MOVE_RECEIVE),
            KERN_INVALID_CAPABILITY
        );
        assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
        assert_eq!(unguard(port, 0x10), KERN_SUCCESS);
        assert_eq!(
            by_message(to().port(port, MACH_MSG_TYPE_MOVE_RECEIVE)),
            MACH_SEND_INVALID_RIGHT
        );
        assert!(drain(way).is_empty());
        made::kill(port);
        made::kill(way);
    });
}

#[test]
fn fact_18_construct_with_a_guard() {
    for (options, shown, expected) in [
        (
            MPO_CONTEXT_AS_GUARD,
            0x1_0000_0002,
            MACH_PORT_STATUS_FLAG_GUARDED,
        ),
        (
            MPO_CONTEXT_AS_GUARD | MPO_STRICT,
            0,
            MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_STRICT_GUARD,
        ),
        (
            MPO_CONTEXT_AS_GUARD | MPO_IMMOVABLE_RECEIVE,
            0x1_0000_0002,
            MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE,
        ),
    ] {
        let port = construct(options, 0, 0x1_0000_0002).unwrap();
        assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
        assert_eq!(context(port), Ok(shown), "{options:#x}");
        assert_eq!(flags(port), expected, "{options:#x}");
        assert_eq!(destruct(port, 0, 0x1_0000_0002), KERN_SUCCESS);
    }
}

#[test]
fn fact_18_construct_only_stores_a_context_that_is_no_guard() {
    for options in [0, MPO_STRICT, MPO_IMMOVABLE_RECEIVE] {
        let port = construct(options, 0, 9).unwrap();
        assert_eq!(context(port), Ok(9));
        assert_eq!(flags(port), 0);
        assert_eq!(
            extract_right(port, MACH_MSG_TYPE_MOVE_RECEIVE).map(|(_, kind)| kind),
            Ok(MACH_MSG_TYPE_PORT_RECEIVE),
            "{options:#x}"
        );
    }
    let port = construct(0, 0, 9).unwrap();
    assert_eq!(guard(port, 9, false), KERN_INVALID_ARGUMENT);
    assert_eq!(destroy(port), KERN_SUCCESS);
}

#[test]
fn fact_18_construct_with_a_queue_limit() {
    for (options, asked, limit) in [
        (MPO_QLIMIT, 16, 16),
        (MPO_QLIMIT, 0, 0),
        (MPO_QLIMIT, MACH_PORT_QLIMIT_MAX, MACH_PORT_QLIMIT_MAX),
        (0, 16, MACH_PORT_QLIMIT_DEFAULT),
        (0, MACH_PORT_QLIMIT_MAX + 1, MACH_PORT_QLIMIT_DEFAULT),
    ] {
        let port = construct(options, asked, 0).unwrap();
        assert_eq!(status(port).unwrap().qlimit, limit);
        made::kill(port);
    }
    assert_eq!(
        construct(MPO_QLIMIT, MACH_PORT_QLIMIT_MAX + 1, 0),
        Err(KERN_INVALID_VALUE)
    );
}

#[test]
fn fact_18_construct_with_importance() {
    for (options, expected) in [
        (
            MPO_TEMPOWNER,
            MACH_PORT_STATUS_FLAG_TEMPOWNER | MACH_PORT_STATUS_FLAG_IMP_DONATION,
        ),
        (MPO_IMPORTANCE_RECEIVER, MACH_PORT_STATUS_FLAG_IMP_DONATION),
        (MPO_DENAP_RECEIVER, MACH_PORT_STATUS_FLAG_IMP_DONATION),
    ] {
        let port = construct(options, 0, 0).unwrap();
        assert_eq!(flags(port), expected, "{options:#x}");
        made::kill(port);
    }
}

#[test]
fn fact_18_construct_with_a_send_right() {
    let port = construct(MPO_INSERT_SEND_RIGHT, 0, 0).unwrap();
    assert_eq!(type_of(port), Ok(BOTH));
    assert_eq!(refs(port, SEND), Ok(1));
    let now = status(port).unwrap();
    assert_eq!((now.mscount, now.srights), (1, 1));
    assert_eq!(destruct(port, -1, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_18_construct_with_all_of_it() {
    let options = MPO_CONTEXT_AS_GUARD
        | MPO_STRICT
        | MPO_QLIMIT
        | MPO_TEMPOWNER
        | MPO_IMPORTANCE_RECEIVER
        | MPO_INSERT_SEND_RIGHT;
    let port = construct(options, 7, 13).unwrap();
    let now = status(port).unwrap();
    assert_eq!((now.qlimit, now.mscount, now.srights), (7, 1, 1));
    assert_eq!(
        now.flags,
        MACH_PORT_STATUS_FLAG_GUARDED
            | MACH_PORT_STATUS_FLAG_STRICT_GUARD
            | MACH_PORT_STATUS_FLAG_TEMPOWNER
            | MACH_PORT_STATUS_FLAG_IMP_DONATION
    );
    assert_eq!(destruct(port, -1, 13), KERN_SUCCESS);
}
