//! Facts 49 and 50: which requests for notifications stand, which are refused, and where their rights go.

use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND_ONCE;
use mach_ports::ffi::notify::MACH_NOTIFY_NO_SENDERS;
use mach_ports::ffi::port::MACH_PORT_NULL;
use rendezvous_tests::raw::{made, request_notification};

#[test]
fn fact_49_a_first_request_returns_no_previous_right() {
    let (port, notify) = (made::port_with_send(), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    let previous = request_notification(port, MACH_NOTIFY_NO_SENDERS, 0, notify, once);
    assert_eq!(previous, Ok(MACH_PORT_NULL));
}
