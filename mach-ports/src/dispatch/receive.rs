//! The source that watches a port for messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::dispatch::latch::Latch;
use crate::dispatch::{DispatchError, SerialQueue};
use crate::right::ReceiveRight;
use crate::sys;

/// Calls a handler on a queue while a port has messages. It owns the port; dropping it cancels it and destroys
/// the port after the last call.
#[must_use = "a source that is dropped calls nothing"]
pub struct MachReceiveSource {
    source: sys::dispatch::Source,
    queue: SerialQueue,
    shared: Arc<Shared>,
}

type Handler = Box<dyn FnMut(&ReceiveRight) + Send>;

/// What the source's owner and its closures on the queue have in common.
struct Shared {
    cancelled: AtomicBool,
    /// The port and the handler, until the source has come to its end. Only the queue takes the lock.
    watched: Mutex<Option<(ReceiveRight, Handler)>>,
    /// The port, after the last call.
    ended: Latch<ReceiveRight>,
}

impl MachReceiveSource {
    /// Watches a port from now on. The handler receives what is there, without waiting.
    ///
    /// # Errors
    ///
    /// The system is short of a resource; the port is destroyed.
    pub fn new(
        port: ReceiveRight,
        queue: &SerialQueue,
        handler: impl FnMut(&ReceiveRight) + Send + 'static,
    ) -> Result<Self, DispatchError> {
        let name = port.name();
        let shared = Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            watched: Mutex::new(Some((port, Box::new(handler)))),
            ended: Latch::new(),
        });
        let (on_event, on_cancelled) = (Arc::clone(&shared), Arc::clone(&shared));
        let event = queue.entering(move || on_event.call());
        let cancelled = queue.entering(move || on_cancelled.end());
        let source =
            sys::dispatch::Source::mach_receive(name, &queue.queue, event, Box::new(cancelled))?;
        Ok(Self {
            source,
            queue: queue.clone(),
            shared,
        })
    }

    /// Ends the calls; the port is destroyed after the last one. The same as dropping the source.
    pub fn cancel(self) {
        drop(self);
    }

    /// Ends the calls, waits for the last one and gives the port back.
    ///
    /// # Errors
    ///
    /// The caller runs on the source's queue, or in a process that was forked from the queue's. The source is cancelled all the same.
    pub fn cancel_and_wait(self) -> Result<ReceiveRight, DispatchError> {
        self.queue.can_be_waited_for()?;
        self.stop();
        Ok(self.shared.ended.take())
    }

    fn stop(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        self.source.cancel();
    }
}

impl Shared {
    fn call(&self) {
        if !self.cancelled.load(Ordering::Acquire)
            && let Some((port, handler)) = &mut *self.watched.lock()
        {
            handler(port);
        }
    }

    fn end(&self) {
        if let Some((port, handler)) = self.watched.lock().take() {
            drop(handler);
            self.ended.set(port);
        }
    }
}

impl Drop for MachReceiveSource {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for MachReceiveSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachReceiveSource")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
