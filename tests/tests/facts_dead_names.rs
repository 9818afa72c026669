//! Facts 51, 52 and 54: dead-name requests, their slot, and what becomes of them with their name.

use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND_ONCE;
use mach_ports::ffi::notify::MACH_NOTIFY_DEAD_NAME;
use rendezvous_tests::letter::receive;
use rendezvous_tests::raw::{made, request_notification};

#[test]
fn fact_51_a_dead_name_request_fires_when_the_port_dies() {
    let (port, notify) = (made::port_with_send(), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    request_notification(port, MACH_NOTIFY_DEAD_NAME, 0, notify, once).unwrap();
    made::kill(port);
    let mail = receive(notify);
    assert_eq!((mail.id(), mail.u32_at(32)), (MACH_NOTIFY_DEAD_NAME, port));
}
