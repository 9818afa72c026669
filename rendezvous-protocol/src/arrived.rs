//! For tests: messages as the other side receives them.

use mach_ports::{Message, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOptions};

use crate::wire::MAX_REPLY_SIZE;

/// Sends a message to a port of this process's own, and receives it.
pub(crate) fn arrived(message: Message<'_>) -> ReceivedMessage {
    let port = ReceiveRight::new().unwrap();
    message
        .send(&port.make_send().unwrap(), &SendOptions::new())
        .unwrap();
    port.receive(&ReceiveOptions::new().max_size(MAX_REPLY_SIZE))
        .unwrap()
}
