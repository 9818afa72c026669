//! What a monitor's handle, its source and its notices have in common.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use image_protocol::{REPLY, Reply, Stamp};
use mach_ports::{Message, SendError, SendOptions, SendRight};
use parking_lot::Mutex;

use crate::monitor::MonitorOptions;
use crate::monitor::progress::{MonitorState, Progress};
use crate::{ImageList, Notice};

/// How long a reply waits for room in the agent's port, which has nothing else in it: dyld's monitors wait as long.
const REPLY_PATIENCE: Duration = Duration::from_millis(100);

pub(crate) type Handler = Box<dyn FnMut(Notice) + Send>;

pub(crate) struct Shared {
    pub(crate) options: MonitorOptions,
    pub(super) progress: Mutex<Progress>,
    pub(super) list: Mutex<Arc<ImageList>>,
    /// Where the agent hears replies.
    pub(super) replies: Mutex<Option<SendRight>>,
    pub(super) handler: Mutex<Option<Handler>>,
    pub(super) main_handler: Mutex<Option<Handler>>,
}

impl Shared {
    pub(super) fn new(options: MonitorOptions, handler: Handler) -> Self {
        Self {
            progress: Mutex::new(Progress::new(options.deadline)),
            list: Mutex::new(Arc::new(ImageList::new(options.history))),
            replies: Mutex::new(None),
            handler: Mutex::new(Some(handler)),
            main_handler: Mutex::new(None),
            options,
        }
    }

    pub(crate) fn state(&self) -> MonitorState {
        self.progress.lock().state(Instant::now())
    }

    pub(crate) fn images(&self) -> Arc<ImageList> {
        Arc::clone(&self.list.lock())
    }

    /// The process runs without an agent, as was asked for.
    pub(crate) fn unwatched(&self) {
        self.progress.lock().unwatched();
    }

    /// Lets the process go on; what it unloads is gone then.
    pub(crate) fn answer(&self, stamp: Stamp, unloaded: &[u64]) {
        if !unloaded.is_empty() {
            let mut list = self.list.lock();
            let list = Arc::make_mut(&mut list);
            for address in unloaded {
                list.unload(*address, stamp.timestamp);
            }
        }
        let in_time = self
            .progress
            .lock()
            .answered(stamp.sequence, Instant::now());
        if !in_time {
            tracing::debug!(?stamp, "answered too late: the process has gone on");
        }
        // The agent decides what is late, and knows replies that it does not wait for.
        let Some(replies) = self.replies.lock().clone() else {
            return;
        };
        let sent = Message::new(REPLY)
            .bytes(&Reply::to(stamp).bytes())
            .send(&replies, &SendOptions::new().timeout(REPLY_PATIENCE));
        match sent {
            Ok(()) | Err(SendError::DestinationDead) => {}
            Err(error) => tracing::warn!(%error, ?stamp, "an answer did not reach the process"),
        }
    }

    /// Hands a notice to a handler, which may set another one meanwhile or let go of the monitor.
    pub(super) fn deliver(which: &Mutex<Option<Handler>>, notice: Notice) {
        let handler = which.lock().take();
        if let Some(mut handler) = handler {
            handler(notice);
            which.lock().get_or_insert(handler);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("options", &self.options)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use mach_ports::ReceiveRight;

    use super::*;

    /// A process that does not read its replies holds its monitor up for a moment, and not for ever.
    #[test]
    fn an_answer_waits_for_room_for_a_tenth_of_a_second() {
        let port = ReceiveRight::new().unwrap();
        let replies = port.make_send().unwrap();
        let at_once = SendOptions::new().timeout(Duration::ZERO);
        while Message::new(0).send(&replies, &at_once).is_ok() {}
        let shared = Shared::new(MonitorOptions::new(), Box::new(drop));
        *shared.replies.lock() = Some(replies);
        let begun = Instant::now();
        shared.answer(Stamp::default(), &[]);
        let taken = begun.elapsed();
        assert!(
            taken >= REPLY_PATIENCE && taken < Duration::from_secs(30),
            "{taken:?}"
        );
    }
}
