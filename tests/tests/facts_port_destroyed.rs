//! Fact 55: port-destroyed requests, which save a receive right from its holder's end.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::receive;
use rendezvous_tests::raw::{destroy, made, request_notification, type_of};

#[test]
fn fact_55_the_live_receive_right_is_sent() {
    let (port, notify) = (made::port(), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    request_notification(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify, once).unwrap();
    made::kill(port);
    let (back, disposition) = receive(notify).only_port();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_RECEIVE);
    assert_eq!(type_of(back), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(destroy(back), KERN_SUCCESS);
}
