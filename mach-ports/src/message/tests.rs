//! Messages through real ports: what is sent arrives, and nothing is released twice or not at all.

mod carrying;
mod lending;
mod receiving;
mod sending;

use std::time::Duration;

use crate::message::{Notification, ReceiveError, ReceiveOptions, ReceivedMessage, SendOptions};
use crate::right::{ReceiveRight, SendRight};

const SOON: Duration = Duration::from_secs(10);
const NOW: Duration = Duration::ZERO;

/// A port and a send right to it.
fn port() -> (ReceiveRight, SendRight) {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    (port, right)
}

/// Receives what must already be there, or come without anybody's doing.
fn next(port: &ReceiveRight) -> ReceivedMessage {
    port.receive(&ReceiveOptions::new().timeout(SOON)).unwrap()
}

fn is_empty(port: &ReceiveRight) -> bool {
    let nothing = port.receive(&ReceiveOptions::new().timeout(NOW));
    matches!(nothing, Err(ReceiveError::TimedOut))
}

fn soon() -> SendOptions {
    SendOptions::new().timeout(SOON)
}

/// Whether the one send-once right to `port` has gone unused.
fn was_dropped(port: &ReceiveRight) -> bool {
    next(port).notification() == Some(Notification::SendOnce) && is_empty(port)
}

#[test]
fn messages_and_errors_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<super::Message<'static>>();
    crosses::<ReceivedMessage>();
    crosses::<super::OolMemory>();
    crosses::<super::SendError>();
    crosses::<super::CallError>();
}
