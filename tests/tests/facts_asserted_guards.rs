//! Fact 17: `mach_port_assert_attributes`. A program that calls it ends on macOS 11, which does not have it: so these
//! are tests of their own.

use mach_ports::ffi::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_SUCCESS,
};
use mach_ports::ffi::port::MPG_STRICT;
use rendezvous_tests::raw::{
    assert_guard, destroy, destruct, guard, guard_with_flags, made, task, unguard,
};
use rendezvous_tests::second::alone_against_a_guard;

#[test]
fn fact_17_only_a_receive_right_has_a_guard_to_be_asserted() {
    let (set, port) = (made::set(), made::port());
    let once = made::send_once(port);
    for (name, code) in [
        (set, KERN_INVALID_RIGHT),
        (once, KERN_INVALID_RIGHT),
        (task(), KERN_INVALID_RIGHT),
        (made::absent(), KERN_INVALID_NAME),
    ] {
        assert_eq!(assert_guard(name, 1), code);
    }
    for name in [set, once, port] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_17_the_guard_that_is_asserted() {
    let port = made::port();
    assert_eq!(guard_with_flags(port, 1, MPG_STRICT), KERN_SUCCESS);
    assert_eq!(assert_guard(port, 1), KERN_SUCCESS);
    assert_eq!(destruct(port, 0, 1), KERN_SUCCESS);
}

#[test]
fn fact_17_a_guard_that_is_not_the_one_asserted() {
    alone_against_a_guard("fact_17_a_guard_that_is_not_the_one_asserted", || {
        let port = made::port();
        assert_eq!(assert_guard(port, 0), KERN_INVALID_ARGUMENT);
        assert_eq!(guard(port, 5, false), KERN_SUCCESS);
        assert_eq!(assert_guard(port, 5), KERN_INVALID_ARGUMENT);
        assert_eq!(unguard(port, 5), KERN_SUCCESS);
        assert_eq!(guard(port, 5, true), KERN_SUCCESS);
        assert_eq!(assert_guard(port, 6), KERN_INVALID_ARGUMENT);
        assert_eq!(destruct(port, 0, 5), KERN_SUCCESS);
    });
}
