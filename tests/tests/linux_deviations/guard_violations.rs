//! Violations of guards, which macOS answers with an exception that ends the process; here there is the code alone.

use mach_ports::ffi::kern_return::{KERN_INVALID_RIGHT, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::mach_port_name_t;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Item, Letter, receive_with};
use rendezvous_tests::raw::{context, destroy, destruct, guard, made};

/// A message with one guarded descriptor.
fn with_guarded(port: mach_port_name_t, name: mach_port_name_t, guard: u64, flags: u16) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).guarded(
        name,
        MACH_MSG_TYPE_MOVE_RECEIVE,
        guard,
        flags,
    )
}

#[test]
fn fact_29_a_guard_that_is_another() {
    let (port, guarded, unguarded) = (made::port(), made::port(), made::port());
    assert_eq!(guard(guarded, 5, false), KERN_SUCCESS);
    let before = [guarded, unguarded].map(holding);
    // Another guard, none though there is one, one though there is none.
    for (name, guard, flags) in [
        (guarded, 6, 1),
        (guarded, 0, 2),
        (guarded, 0, 3),
        (unguarded, 5, 1),
    ] {
        let code = with_guarded(port, name, guard, flags).try_send();
        assert_eq!(code, MACH_SEND_INVALID_RIGHT);
    }
    assert_eq!([guarded, unguarded].map(holding), before);
    assert_eq!(context(guarded), Ok(5));
}

#[test]
fn fact_29_a_receive_right_that_arrived_guarded_stays() {
    let (port, sent) = (made::port(), made::port());
    assert_eq!(guard(sent, 5, false), KERN_SUCCESS);
    with_guarded(port, sent, 5, 1).send();
    let mail = receive_with(port, MACH_RCV_GUARDED_DESC, 0).unwrap();
    let &[Item::Guarded { context, name, .. }] = mail.items().as_slice() else {
        panic!("{mail:?}")
    };
    assert_eq!(destroy(name), KERN_INVALID_RIGHT);
    // It is not to be moved either, whoever knows the guard.
    let plain = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).port(name, MACH_MSG_TYPE_MOVE_RECEIVE);
    assert_eq!(plain.try_send(), MACH_SEND_INVALID_RIGHT);
    let again = with_guarded(port, name, context, 1);
    assert_eq!(again.try_send(), MACH_SEND_INVALID_RIGHT);
    assert_eq!(destruct(name, 0, context), KERN_SUCCESS);
}
