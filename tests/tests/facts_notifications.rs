//! Facts 48, 55 and 58: what notifications look like, port-destroyed and send-once.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use rendezvous_tests::letter::{HEADER, receive};
use rendezvous_tests::raw::{deallocate, made};

#[test]
fn fact_48_send_once() {
    let port = made::port();
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    let mail = receive(port);
    assert_eq!((mail.id(), mail.size()), (MACH_NOTIFY_SEND_ONCE, HEADER));
    made::kill(port);
}
