//! Requests that are refused, in MIG's words.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::mach_init::mach_host_self;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Letter, drain};
use rendezvous_tests::raw::{deallocate, made, type_of};

use super::{MIG_BAD_ARGUMENTS, MIG_BAD_ID, MIG_TYPE_ERROR, call, inline, request};

#[test]
fn fact_66_ids_that_are_none() {
    let owner = made::port();
    for id in [
        i32::MIN,
        0,
        3199,
        3202,
        3225,
        3243,
        3300,
        5000,
        i32::MAX - 100,
    ] {
        let letter = request(id, &[1, 2]).port(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(call(letter), Err(MIG_BAD_ID), "{id}");
        // The request is gone, with its right.
        assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE], "{id}");
    }
}

#[test]
fn fact_66_requests_of_another_form() {
    let owner = made::port();
    let before = holding(owner);
    let carried = |id, words: &[u32], disposition| request(id, words).port(owner, disposition);
    let (once, send) = (MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MAKE_SEND);
    // A right too many, too few words, too many, a bit too many; and what must not be in the array.
    for letter in [
        carried(3201, &[owner], send),
        request(3201, &[]),
        request(3201, &[owner, 0]),
        request(3201, &[owner]).bits(MACH_MSGH_BITS_COMPLEX),
        request(3200, &[0]),
        request(3214, &[owner]),
        carried(3214, &[owner], send).port(owner, send),
        carried(3214, &[owner, 0], send),
        request(3218, &[owner, 1]),
        request(3218, &[owner, 1, 1]),
        request(3218, &[owner, 1, 0, 5]),
        request(3218, &[owner, 1, u32::MAX, 5]),
        request(3218, &[0; 21]),
    ] {
        assert_eq!(call(letter.clone()), Err(MIG_BAD_ARGUMENTS), "{letter:?}");
        assert_eq!(holding(owner), before);
    }
    // The wrong right, and a descriptor of another type.
    for letter in [
        carried(3213, &[owner, 72, 0], send),
        carried(3220, &[1, 0, 0, 0], once),
        carried(3231, &[0, 0], send).inline(&inline(&[0; 3])),
    ] {
        assert_eq!(call(letter.clone()), Err(MIG_TYPE_ERROR), "{letter:?}");
        let _ = drain(owner);
        assert_eq!(holding(owner), before);
    }
    let guarded = request(3214, &[owner]).guarded(owner, MACH_MSG_TYPE_MOVE_RECEIVE, 0, 2);
    assert_eq!(call(guarded), Err(MIG_BAD_ARGUMENTS));
    assert_eq!(type_of(owner), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_66_other_ports_of_the_kernel() {
    // SAFETY: takes nothing.
    let host = unsafe { mach_host_self() };
    let to_host = |id, words: &[u32]| {
        Letter::to(host, MACH_MSG_TYPE_COPY_SEND)
            .id(id)
            .inline(&inline(words))
    };
    assert_eq!(call(to_host(3201, &[1])), Err(KERN_INVALID_TASK));
    // Those that only read find their task by a way of their own.
    assert_eq!(call(to_host(3211, &[1])), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(call(to_host(3201, &[])), Err(MIG_BAD_ARGUMENTS));
    assert_eq!(call(to_host(9, &[])), Err(MIG_BAD_ID));
    assert_eq!(deallocate(host), KERN_SUCCESS);
}
