//! Fact 53: send-possible requests.

use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND_ONCE;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_POSSIBLE;
use rendezvous_tests::letter::receive;
use rendezvous_tests::raw::{made, request_notification};

#[test]
fn fact_53_with_sync_and_room_it_fires_at_once() {
    let (port, notify) = (made::port_with_send(), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    request_notification(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify, once).unwrap();
    let mail = receive(notify);
    assert_eq!(
        (mail.id(), mail.u32_at(32)),
        (MACH_NOTIFY_SEND_POSSIBLE, port)
    );
}
