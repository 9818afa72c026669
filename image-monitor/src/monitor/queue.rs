//! Events that wait to be taken.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::Notice;

/// The events of one monitor, in order.
///
/// Dropping it answers all that is in it, and all that comes.
#[derive(Debug)]
pub struct Notices(Receiver<Notice>);

// An agent that does not wait for answers is not listened to after a few messages, so no more than these are in it.
pub(super) fn queue() -> (Sender<Notice>, Notices) {
    let (sender, receiver) = channel();
    (sender, Notices(receiver))
}

impl Notices {
    /// Waits for the next event, for `timeout` at most. `None`: none came, or the monitor was dropped.
    pub fn next_timeout(&self, timeout: Duration) -> Option<Notice> {
        self.0.recv_timeout(timeout).ok()
    }

    /// The next event, if there is one.
    pub fn try_next(&self) -> Option<Notice> {
        self.0.try_recv().ok()
    }
}

/// Waits for each event, and ends when the monitor was dropped.
///
/// The last event is the exit: who has one does not wait for another.
impl Iterator for Notices {
    type Item = Notice;

    fn next(&mut self) -> Option<Notice> {
        self.0.recv().ok()
    }
}
