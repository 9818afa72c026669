//! Fact 58: send-once notifications, for each send-once right that no message has used.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use rendezvous_tests::letter::drain;
use rendezvous_tests::raw::{deallocate, made};

#[test]
fn fact_58_an_unused_right_is_dropped() {
    let port = made::port();
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
}
