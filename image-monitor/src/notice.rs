use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use image_protocol::Stamp;

use crate::Event;
use crate::monitor::Shared;

/// An event, and the process's wait for the answer to it.
///
/// The process goes on when the notice is [answered](Self::answer) or dropped, in a handler by the handler's return at the
/// latest if it is kept nowhere. It may be kept and answered later, by any thread; the process waits until then, and for
/// the monitor's deadline at most.
#[derive(Debug)]
#[must_use = "the process goes on when this is dropped"]
pub struct Notice {
    event: Event,
    timestamp: u64,
    received: Instant,
    answer: Option<Answer>,
}

impl Notice {
    pub(crate) fn awaited(
        event: Event,
        stamp: Stamp,
        received: Instant,
        monitor: Arc<Shared>,
    ) -> Self {
        Self {
            answer: Some(Answer {
                monitor,
                stamp,
                unloaded: match &event {
                    Event::Unload(images) => {
                        images.iter().map(|image| image.load_address).collect()
                    }
                    _ => Vec::new(),
                },
            }),
            event,
            timestamp: stamp.timestamp,
            received,
        }
    }

    pub(crate) fn of_end(event: Event, received: Instant) -> Self {
        Self {
            event,
            timestamp: 0,
            received,
            answer: None,
        }
    }

    /// What has happened.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// When it happened, by the process's clock: see [`Image::timestamp`](crate::Image::timestamp). 0 for what the process did not tell
    /// itself: a lost agent, an exit.
    #[must_use]
    pub fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// When this side heard of it.
    #[must_use]
    pub fn received(&self) -> Instant {
        self.received
    }

    /// Lets the process go on, and gives the event back.
    pub fn answer(mut self) -> Event {
        drop(self.answer.take());
        std::mem::replace(&mut self.event, Event::Main)
    }
}

/// Answers when it is dropped.
struct Answer {
    monitor: Arc<Shared>,
    stamp: Stamp,
    /// What leaves the list with the answer: until then it is mapped.
    unloaded: Vec<u64>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.monitor.answer(self.stamp, &self.unloaded);
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.stamp)
    }
}
