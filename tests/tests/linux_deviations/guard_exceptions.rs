//! Guards that raise exceptions, which is an option here: the process ends as on macOS.

use std::os::unix::process::ExitStatusExt;

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::linux::set_guard_exceptions;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::Letter;
use rendezvous_tests::raw::{
    assert_guard, construct, destroy, destruct, extract_right, guard, made, mod_refs, set_context,
    swap_guard, unguard,
};
use rendezvous_tests::second::{alone, apart};

/// A violation, in a process that has asked for exceptions: it is killed on the spot.
fn ends(test: &str, violation: impl FnOnce()) {
    let status = apart(test, || {
        set_guard_exceptions(true);
        violation();
        panic!("the process is still there");
    });
    if let Some(status) = status {
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{status}");
    }
}

fn guarded(strict: bool) -> mach_port_name_t {
    let port = made::port();
    assert_eq!(guard(port, 7, strict), KERN_SUCCESS);
    port
}

#[test]
fn fact_17_destroy_ends_the_process() {
    ends("fact_17_destroy_ends_the_process", || {
        destroy(guarded(false));
    });
}

#[test]
fn fact_67_a_reply_port_that_is_to_be_moved_or_copied_ends_the_process() {
    let test = "fact_67_a_reply_port_that_is_to_be_moved_or_copied_ends_the_process";
    ends(test, || {
        let port = construct(MPO_REPLY_PORT, 0, 0).unwrap();
        let _ = extract_right(port, MACH_MSG_TYPE_MAKE_SEND);
    });
}

#[test]
fn fact_17_mod_refs_ends_the_process() {
    ends("fact_17_mod_refs_ends_the_process", || {
        mod_refs(guarded(false), MACH_PORT_RIGHT_RECEIVE, -1);
    });
}

#[test]
fn fact_17_destruct_ends_the_process() {
    ends("fact_17_destruct_ends_the_process", || {
        destruct(guarded(true), 0, 8);
    });
}

#[test]
fn fact_17_unguard_ends_the_process() {
    ends("fact_17_unguard_ends_the_process", || {
        unguard(guarded(true), 8);
    });
}

#[test]
fn fact_17_unguard_without_a_guard_ends_the_process() {
    ends("fact_17_unguard_without_a_guard_ends_the_process", || {
        unguard(made::port(), 0);
    });
}

#[test]
fn fact_17_set_context_ends_the_process() {
    ends("fact_17_set_context_ends_the_process", || {
        set_context(guarded(true), 7);
    });
}

#[test]
fn fact_17_swap_guard_ends_the_process() {
    ends("fact_17_swap_guard_ends_the_process", || {
        swap_guard(guarded(true), 7, 8);
    });
}

#[test]
fn fact_17_another_guard_than_asserted_ends_the_process() {
    ends(
        "fact_17_another_guard_than_asserted_ends_the_process",
        || {
            assert_guard(guarded(true), 8);
        },
    );
}

#[test]
fn fact_17_moving_what_must_not_move_ends_the_process() {
    ends("fact_17_moving_what_must_not_move_ends_the_process", || {
        let port = construct(MPO_CONTEXT_AS_GUARD | MPO_IMMOVABLE_RECEIVE, 0, 1).unwrap();
        let _ = Letter::to(made::port(), MACH_MSG_TYPE_MAKE_SEND)
            .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
            .try_send();
    });
}

#[test]
fn fact_17_a_wrong_guard_in_a_message_ends_the_process() {
    ends(
        "fact_17_a_wrong_guard_in_a_message_ends_the_process",
        || {
            let _ = Letter::to(made::port(), MACH_MSG_TYPE_MAKE_SEND)
                .guarded(guarded(false), MACH_MSG_TYPE_MOVE_RECEIVE, 8, 1)
                .try_send();
        },
    );
}

#[test]
fn fact_17_what_is_no_violation_goes_on() {
    alone("fact_17_what_is_no_violation_goes_on", || {
        set_guard_exceptions(true);
        let port = guarded(false);
        assert_eq!(guard(port, 8, false), KERN_INVALID_ARGUMENT);
        assert_eq!(swap_guard(port, 7, 9), KERN_SUCCESS);
        assert_eq!(unguard(port, 9), KERN_SUCCESS);
        assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, -1), KERN_INVALID_RIGHT);
        assert_eq!(unguard(made::absent(), 1), KERN_INVALID_NAME);
        assert_eq!(destroy(port), KERN_SUCCESS);
        set_guard_exceptions(false);
        assert_eq!(destroy(guarded(false)), KERN_INVALID_RIGHT);
    });
}
