//! Ports that tasks wait for: a dispatch source that wakes them, on a queue that all such sources share.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::calls::Name;
use crate::dispatch::latch::Latch;
use crate::dispatch::{DispatchError, SerialQueue};
use crate::sys::dispatch::Source;

/// Where tasks are woken. Made with the first watch.
static QUEUE: Mutex<Option<SerialQueue>> = Mutex::new(None);

fn queue() -> Result<SerialQueue, DispatchError> {
    let mut queue = QUEUE.lock();
    match &*queue {
        Some(queue) if !queue.is_inherited() => Ok(queue.clone()),
        _ => Ok(queue.insert(SerialQueue::new("port-watches")?).clone()),
    }
}

/// A port or set under watch.
pub(crate) struct Watch {
    queue: SerialQueue,
    shared: Arc<Shared>,
}

/// What the watch and its source's functions have in common.
struct Shared {
    /// The source until the watch ends, and whether it is suspended.
    source: Mutex<(Option<Source>, bool)>,
    waiting: Notify,
    /// The task that has polled last.
    polling: Mutex<Option<Waker>>,
    ended: Latch<()>,
}

impl Watch {
    pub(crate) fn new(port: Name) -> Result<Self, DispatchError> {
        let queue = queue()?;
        let shared = Arc::new(Shared {
            source: Mutex::new((None, false)),
            waiting: Notify::new(),
            polling: Mutex::new(None),
            ended: Latch::new(),
        });
        let (on_event, on_cancelled) = (Arc::clone(&shared), Arc::clone(&shared));
        let event = queue.entering(move || on_event.fire());
        let cancelled = queue.entering(move || on_cancelled.ended.set(()));
        {
            // The first event waits for the source to be known.
            let mut source = shared.source.lock();
            let made = Source::mach_receive(port, &queue.queue, event, Box::new(cancelled))?;
            source.0 = Some(made);
        }
        Ok(Self { queue, shared })
    }

    /// Tries until something is found, each time that there may be something. Nothing is lost if the future is dropped: what
    /// an attempt finds is returned at once.
    pub(crate) async fn wait<T>(&self, mut attempt: impl FnMut() -> Option<T>) -> io::Result<T> {
        loop {
            if let Some(found) = attempt() {
                return Ok(found);
            }
            // Woken by every event from here on, also by one that comes before it is awaited.
            let event = self.shared.waiting.notified();
            self.shared.arm();
            event.await;
        }
    }

    /// As [`Self::wait`]; only the task that asked last is woken.
    pub(crate) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut() -> Option<T>,
    ) -> Poll<io::Result<T>> {
        if let Some(found) = attempt() {
            return Poll::Ready(Ok(found));
        }
        *self.shared.polling.lock() = Some(context.waker().clone());
        self.shared.arm();
        Poll::Pending
    }
}

impl Shared {
    /// On the queue: the port has a message. The source would say so again and again until somebody has received it, so it is
    /// suspended until somebody waits again. It fires then if there is a message still.
    fn fire(&self) {
        if let (Some(source), suspended @ false) = &mut *self.source.lock() {
            source.suspend();
            *suspended = true;
        }
        self.waiting.notify_waiters();
        let polling = self.polling.lock().take();
        if let Some(waker) = polling {
            waker.wake();
        }
    }

    fn arm(&self) {
        if let (Some(source), suspended @ true) = &mut *self.source.lock() {
            source.resume();
            *suspended = false;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The source's functions have the other reference to what is shared: out of it with the source.
        let (source, suspended) = std::mem::take(&mut *self.shared.source.lock());
        if let Some(source) = source {
            source.cancel();
            if suspended {
                // A suspended source neither ends nor may be released.
                source.resume();
            }
        }
        // The port may be destroyed after this, and must not before the source has ended. On the queue itself a task can only be
        // dropped by the very call that wakes it, when its runtime is gone.
        if self.queue.can_be_waited_for().is_ok() {
            self.shared.ended.take();
        }
    }
}
