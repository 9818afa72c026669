//! Serial queues.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::dispatch::DispatchError;
use crate::dispatch::latch::Latch;
use crate::sys;

thread_local! {
    /// The id of the queue whose work this thread is doing; 0 is none.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// Runs closures one after the other, in the order in which they were given to it, on a thread that is not the
/// giver's. A clone is the same queue. The queue ends when it has run everything and nobody holds it.
#[derive(Clone)]
pub struct SerialQueue {
    pub(crate) queue: sys::dispatch::Queue,
    id: u64,
    /// The process whose thread does the work.
    process: u32,
}

impl SerialQueue {
    /// A new queue. The label is for debuggers.
    ///
    /// # Errors
    ///
    /// No thread can be made.
    pub fn new(label: &str) -> Result<Self, DispatchError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // The label becomes a C string.
        let label = label.replace('\0', "");
        Ok(Self {
            queue: sys::dispatch::Queue::new(&label)?,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            process: std::process::id(),
        })
    }

    /// Runs `work` later; never, in a process that was forked from the queue's.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        let id = self.id;
        self.queue.run(Box::new(move || on_queue(id, work)));
    }

    /// Runs `work` after everything that was given to the queue before, and waits for its result.
    ///
    /// # Errors
    ///
    /// The caller runs on this queue, or in a process that was forked from the queue's.
    pub fn run_and_wait<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DispatchError> {
        self.can_be_waited_for()?;
        let result = Arc::new(Latch::new());
        let sender = Arc::clone(&result);
        self.run(move || sender.set(work()));
        Ok(result.take())
    }

    /// Whether the caller runs on this queue.
    #[must_use]
    pub fn is_current(&self) -> bool {
        CURRENT.get() == self.id
    }

    /// Whether the queue's thread is not here: it is in the process that this one was forked from.
    pub(crate) fn is_inherited(&self) -> bool {
        std::process::id() != self.process
    }

    pub(crate) fn can_be_waited_for(&self) -> Result<(), DispatchError> {
        if self.is_inherited() {
            Err(DispatchError::Forked)
        } else if self.is_current() {
            Err(DispatchError::OwnQueue)
        } else {
            Ok(())
        }
    }

    /// Wraps a source's closure to say on which queue it runs.
    pub(crate) fn entering(&self, mut work: impl FnMut() + Send + 'static) -> sys::Event {
        let id = self.id;
        Box::new(move || on_queue(id, &mut work))
    }
}

/// Does a queue's work.
pub(super) fn on_queue(id: u64, work: impl FnOnce()) {
    let outer = CURRENT.replace(id);
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        // The panic's message has been written.
        abort();
    }
    CURRENT.set(outer);
}

impl std::fmt::Debug for SerialQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SerialQueue({})", self.id)
    }
}
