//! Facts 56 and 57: no-senders requests.

use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND_ONCE;
use mach_ports::ffi::notify::MACH_NOTIFY_NO_SENDERS;
use rendezvous_tests::letter::receive;
use rendezvous_tests::raw::{made, request_notification};

#[test]
fn fact_56_never_any_sender() {
    let (port, notify) = (made::port(), made::port());
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    request_notification(port, MACH_NOTIFY_NO_SENDERS, 0, notify, once).unwrap();
    let mail = receive(notify);
    assert_eq!((mail.id(), mail.u32_at(32)), (MACH_NOTIFY_NO_SENDERS, 0));
}
