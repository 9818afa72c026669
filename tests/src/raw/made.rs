//! Ports and names as tests begin with them; what cannot be made fails the test.

use super::{allocate, extract_right, insert_right, mod_refs};
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::{
    MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE,
};
use mach_ports::ffi::port::{
    MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE, mach_port_name_t,
};

/// A receive right.
#[must_use]
pub fn port() -> mach_port_name_t {
    allocate(MACH_PORT_RIGHT_RECEIVE).expect("a receive right")
}

/// A receive right with a send right under its name.
#[must_use]
pub fn port_with_send() -> mach_port_name_t {
    let name = port();
    send(name);
    name
}

/// One more reference to a send right under its receive right's name.
pub fn send(name: mach_port_name_t) {
    assert_eq!(
        insert_right(name, name, MACH_MSG_TYPE_MAKE_SEND),
        KERN_SUCCESS,
        "a send right"
    );
}

/// A send-once right to one's own port.
#[must_use]
pub fn send_once(port: mach_port_name_t) -> mach_port_name_t {
    let (name, disposition) =
        extract_right(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).expect("a send-once right");
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
    name
}

/// A port set.
#[must_use]
pub fn set() -> mach_port_name_t {
    allocate(MACH_PORT_RIGHT_PORT_SET).expect("a port set")
}

/// A dead name with one reference, allocated as such.
#[must_use]
pub fn dead_name() -> mach_port_name_t {
    allocate(MACH_PORT_RIGHT_DEAD_NAME).expect("a dead name")
}

/// Destroys the receive right of a port; a send right under the name turns dead.
pub fn kill(port: mach_port_name_t) {
    assert_eq!(
        mod_refs(port, MACH_PORT_RIGHT_RECEIVE, -1),
        KERN_SUCCESS,
        "the end of a receive right"
    );
}

/// A name that means nothing, and will not in this process: its index is beyond what tests come to.
#[must_use]
pub const fn absent() -> mach_port_name_t {
    0x07ff_ff03
}
