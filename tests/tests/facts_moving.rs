//! Facts 37 and 38: receive rights that move.

use mach_ports::ffi::kern_return::KERN_INVALID_NAME;
use mach_ports::ffi::message::*;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{made, type_of};

#[test]
fn fact_37_a_receive_right_alone_arrives_under_a_new_name() {
    let (carrier, port) = (made::port(), made::port());
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    let (arrived, disposition) = receive(carrier).only_port();
    assert_ne!(arrived, port);
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_RECEIVE);
}
