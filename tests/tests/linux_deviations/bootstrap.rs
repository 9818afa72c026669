//! Bootstrap names and reply ports where Linux differs: see the deviations of the embedded Mach.

use std::ffi::{CStr, CString};

use mach_ports::ffi::bootstrap::*;
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::mig::mig_get_reply_port;
use mach_ports::ffi::port::{MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::{made, names};
use rendezvous_tests::second::{alone, bootstrap, check_in, look_up, service_name, two};

/// `bootstrap_register`.
fn register(name: &CStr, port: mach_port_name_t) -> i32 {
    // SAFETY: the name is a string, which is only read.
    unsafe { bootstrap_register(bootstrap(), name.as_ptr().cast_mut(), port) }
}

#[test]
fn fact_64_only_ones_own_ports_are_registered() {
    two(
        "fact_64_only_ones_own_ports_are_registered",
        |line, _| {
            // A port of another task's.
            assert_eq!(
                register(&service_name(), line.other),
                BOOTSTRAP_NOT_PRIVILEGED
            );
            let (name, port) = (service_name(), made::port());
            assert_eq!(register(&name, port), KERN_SUCCESS);
            let found = look_up(&name).unwrap();
            assert_eq!(found, port);
            Letter::to(found, MACH_MSG_TYPE_MAKE_SEND).id(1).send();
            assert_eq!(drain(port), [1]);
            assert_eq!(register(&name, port), BOOTSTRAP_SERVICE_ACTIVE);
            assert_eq!(register(&name, MACH_PORT_NULL), KERN_SUCCESS);
            assert_eq!(look_up(&name), Err(BOOTSTRAP_UNKNOWN_SERVICE));
            line.go();
        },
        |line| line.wait(),
    );
}

#[test]
fn fact_64_another_port_has_no_names() {
    let (name, port) = (service_name(), made::port_with_send());
    for (directory, code) in [
        (port, BOOTSTRAP_UNKNOWN_SERVICE),
        (made::absent(), MACH_SEND_INVALID_DEST),
    ] {
        let mut found = MACH_PORT_NULL;
        // SAFETY: the name is a string, and `found` can be written.
        let looked_up = unsafe { bootstrap_look_up(directory, name.as_ptr(), &raw mut found) };
        // SAFETY: as above.
        let checked_in = unsafe { bootstrap_check_in(directory, name.as_ptr(), &raw mut found) };
        assert_eq!([looked_up, checked_in], [code; 2]);
    }
}

/// A name that nobody else has, made longer.
fn longer(bytes: &str) -> CString {
    let mut name = service_name().into_bytes();
    name.extend_from_slice(bytes.as_bytes());
    CString::new(name).expect("no zero byte")
}

/// Sends by the right that a look-up gives.
#[track_caller]
fn post_to(service: &CStr, id: i32) {
    let found = look_up(service).expect("a service");
    Letter::to(found, MACH_MSG_TYPE_MOVE_SEND).id(id).send();
}

#[test]
fn fact_64_nobody_has_a_name_that_is_too_long() {
    for more in [128, 1000] {
        let name = longer(&"x".repeat(more));
        assert_eq!(look_up(&name), Err(BOOTSTRAP_UNKNOWN_SERVICE));
    }
}

#[test]
fn fact_64_names_of_all_kinds_of_bytes() {
    let names = [" ", "/", "/../", "//", "ä", "\u{1}", ":", "a b", "%2f"]
        .map(|odd| longer(&format!("{odd}x")));
    let ports = names.each_ref().map(|name| check_in(name).unwrap());
    for (name, id) in names.iter().zip(0..) {
        post_to(name, id);
    }
    for (port, id) in ports.into_iter().zip(0..) {
        assert_eq!(drain(port), [id]);
    }
}

// launchd's own ports must not move on from macOS 15 on.
#[test]
fn fact_64_a_name_moves_with_its_receive_right() {
    two(
        "fact_64_a_name_moves_with_its_receive_right",
        |line, _| {
            let name = service_name();
            let port = check_in(&name).unwrap();
            post_to(&name, 1);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            post_to(&name, 2);
            line.wait();
            post_to(&name, 3);
            line.wait();
        },
        |line| {
            let (port, _) = line.next().only_port();
            assert_eq!([receive(port).id(), receive(port).id()], [1, 2]);
            line.go();
            assert_eq!(receive(port).id(), 3);
            line.go();
        },
    );
}

#[test]
fn fact_63_a_reply_port_is_made_when_it_is_asked_for() {
    // On macOS asking for the names takes a reply port itself.
    alone("fact_63_a_reply_port_is_made_when_it_is_asked_for", || {
        let before = names().unwrap();
        // SAFETY: takes no pointer.
        let port = unsafe { mig_get_reply_port() };
        let mut after = names().unwrap();
        after.retain(|name| !before.contains(name));
        assert_eq!(after, [(port, MACH_PORT_TYPE_RECEIVE)]);
    });
}
