//! Bootstrap names and reply ports where Linux differs: see the deviations of the embedded Mach.
#![cfg(target_os = "linux")]

use mach_ports::ffi::bootstrap::*;
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::{MACH_MSG_TYPE_MAKE_SEND, MACH_SEND_INVALID_DEST};
use mach_ports::ffi::mig::mig_get_reply_port;
use mach_ports::ffi::port::{MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use rendezvous_tests::letter::{Letter, drain};
use rendezvous_tests::raw::{made, names};
use rendezvous_tests::second::{alone, bootstrap, look_up, service_name, two};

/// `bootstrap_register`.
fn register(name: &std::ffi::CStr, port: mach_port_name_t) -> i32 {
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
