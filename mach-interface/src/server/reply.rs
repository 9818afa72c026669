//! An answer that is ready to be sent.

use std::time::Duration;

use mach_ports::{Message, ReplyRight, SendError, SendOptions};

/// A reply and the right to send it by.
#[derive(Debug)]
pub struct Reply {
    pub(super) message: Message<'static>,
    pub(super) to: ReplyRight,
}

impl Reply {
    /// Sends it without waiting: a caller that has no room for it does not get it, and that is its own fault.
    pub fn send(self) {
        self.try_send();
    }

    /// Like [`send`](Self::send), and says whether it was sent.
    pub(super) fn try_send(self) -> bool {
        let options = SendOptions::new().timeout(Duration::ZERO);
        match self.message.reply_by(self.to, &options) {
            Ok(()) => true,
            // The caller is gone, or gave up.
            Err(SendError::DestinationDead) => false,
            Err(error) => {
                tracing::debug!(?error, "a reply was not sent");
                false
            }
        }
    }
}
