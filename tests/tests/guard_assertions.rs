//! Guards that are asserted, Mach fact 17.
//!
//! An executable of its own: macOS 11 lacks the call, and so loads nothing that is linked with it.

use mach_ports::ffi::kern_return::*;
use rendezvous_tests::raw::{assert_guard, destroy, destruct, guard, made, task, unguard};
use rendezvous_tests::second::alone_against_a_guard;

#[test]
fn fact_17_a_strict_guard_can_be_asserted() {
    let port = made::port();
    assert_eq!(guard(port, 0x1_2345_6789, true), KERN_SUCCESS);
    assert_eq!(assert_guard(port, 0x1_2345_6789), KERN_SUCCESS);
    assert_eq!(destruct(port, 0, 0x1_2345_6789), KERN_SUCCESS);
}

#[test]
fn fact_17_an_asserted_guard_wants_a_receive_right() {
    let (set, port) = (made::set(), made::port());
    let once = made::send_once(port);
    for name in [set, once, task()] {
        assert_eq!(assert_guard(name, 1), KERN_INVALID_RIGHT);
    }
    assert_eq!(assert_guard(made::absent(), 1), KERN_INVALID_NAME);
    for name in [set, once, port] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
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
