//! What becomes of ports, waited for as the kernel tells it.

use launcher::{BaseId, RendezvousServer};
use mach_ports::{
    Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, ReturnCode, SendRight, census,
};

use crate::LONG;

/// The next message of a port.
pub fn next(port: &ReceiveRight) -> ReceivedMessage {
    port.receive(&ReceiveOptions::new().timeout(LONG))
        .expect("a message comes")
}

/// Waits until nobody, here or elsewhere, has a send right to the port.
pub fn no_senders(port: &ReceiveRight) {
    let watch = ReceiveRight::new().expect("a port");
    let notify = watch.make_send_once().expect("a right to it");
    // At once, if that is so already.
    drop(port.request_no_senders(notify, 0).expect("a live port"));
    let notified = next(&watch).notification();
    assert!(
        matches!(notified, Some(Notification::NoSenders { .. })),
        "{notified:?}"
    );
}

/// Waits until the port behind the right is destroyed.
pub fn dead(right: &SendRight) {
    let watch = ReceiveRight::new().expect("a port");
    let notify = watch.make_send_once().expect("a right to it");
    match right.request_dead_name(notify) {
        Ok(previous) => {
            assert!(previous.is_none(), "somebody else waits for the same");
            let notified = next(&watch).notification();
            let name = right.name();
            assert_eq!(notified, Some(Notification::DeadName { name }));
        }
        // It is no more.
        Err(error) => assert_eq!(error.code(), ReturnCode::INVALID_ARGUMENT, "{error}"),
    }
    assert!(right.is_dead());
}

/// A server that this test has for itself; it is gone, name included, when the test drops it.
pub fn server(test: &str) -> RendezvousServer {
    let base_id = BaseId::new(format!("tests.rendezvous.{test}")).expect("a valid id");
    RendezvousServer::new(&base_id).expect("a server")
}

/// How many names this process holds, how many references under them, and how many descriptors are open.
pub fn holdings() -> [usize; 3] {
    let names = census::names().expect("a census");
    let references = names.iter().map(|entry| entry.references as usize).sum();
    let descriptors = std::fs::read_dir("/dev/fd").expect("a list of descriptors");
    [names.len(), references, descriptors.count()]
}
