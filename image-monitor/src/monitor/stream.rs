//! Events that tasks wait for.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Notice;

/// The events of one monitor, in order, for tasks of any runtime.
///
/// As a `Stream` it brings each event, and ends when the monitor was dropped. The last event is the exit: who has one does not
/// wait for another. Dropping it answers all that is in it, and all that comes.
///
/// A task that holds a notice across an `await` holds the process, too.
#[derive(Debug)]
pub struct NoticeStream(UnboundedReceiver<Notice>);

// No more in it than in a queue for threads.
pub(super) fn stream() -> (UnboundedSender<Notice>, NoticeStream) {
    let (sender, receiver) = unbounded_channel();
    (sender, NoticeStream(receiver))
}

impl NoticeStream {
    /// Waits for the next event. `None`: the monitor was dropped.
    ///
    /// Dropping the future loses no event.
    pub async fn receive(&mut self) -> Option<Notice> {
        self.0.recv().await
    }

    /// The next event, if there is one.
    pub fn try_receive(&mut self) -> Option<Notice> {
        self.0.try_recv().ok()
    }
}

impl Stream for NoticeStream {
    type Item = Notice;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notice>> {
        self.get_mut().0.poll_recv(context)
    }
}
