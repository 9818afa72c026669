//! The source that watches a process for its exit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::dispatch::latch::Latch;
use crate::dispatch::{DispatchError, SerialQueue};
use crate::message::AuditToken;
use crate::platform::spawn::Spawned;
use crate::sys;

/// Calls a handler on a queue once a process has exited: also when it had exited before the source was made,
/// be it reaped or not. It does not reap the process.
///
/// A process id can be reused once its process was reaped. Watch children before they are waited for.
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
/// use mach_ports::dispatch::{ProcessExitSource, SerialQueue};
///
/// let mut child = std::process::Command::new("true").spawn()?;
/// let (exited, events) = mpsc::channel();
/// let queue = SerialQueue::new("exits")?;
/// let source = ProcessExitSource::new(child.id() as i32, &queue, move || drop(exited.send(())))?;
/// events.recv_timeout(Duration::from_secs(60))?;
/// drop(source);
/// child.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a source that is dropped calls nothing"]
pub struct ProcessExitSource {
    source: sys::dispatch::Source,
    queue: SerialQueue,
    pid: i32,
    cancelled: Arc<AtomicBool>,
    ended: Arc<Latch<()>>,
}

impl ProcessExitSource {
    /// Watches a process from now on.
    ///
    /// # Errors
    ///
    /// `pid` is not positive, or the system is short of a resource. The handler is not called then.
    pub fn new(
        pid: i32,
        queue: &SerialQueue,
        handler: impl FnOnce() + Send + 'static,
    ) -> Result<Self, DispatchError> {
        if pid <= 0 {
            return Err(DispatchError::NoProcessId(pid));
        }
        Self::with(pid, sys::spawn::Handle::unknown(), queue, handler)
    }

    /// Watches a process that was spawned, which is known by more than its number where the system can do that.
    ///
    /// # Errors
    ///
    /// The system is short of a resource. The handler is not called then.
    pub fn of(
        process: Spawned,
        queue: &SerialQueue,
        handler: impl FnOnce() + Send + 'static,
    ) -> Result<Self, DispatchError> {
        Self::with(process.id(), process.handle, queue, handler)
    }

    fn with(
        pid: i32,
        handle: sys::spawn::Handle,
        queue: &SerialQueue,
        handler: impl FnOnce() + Send + 'static,
    ) -> Result<Self, DispatchError> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let ended = Arc::new(Latch::new());
        let is_cancelled = Arc::clone(&cancelled);
        let mut handler = Some(handler);
        let event = queue.entering(move || {
            if let Some(handler) = handler.take()
                && !is_cancelled.load(Ordering::Acquire)
            {
                handler();
            }
        });
        let at_end = Arc::clone(&ended);
        let end = queue.entering(move || at_end.set(()));
        let source =
            sys::dispatch::Source::process_exit(pid, handle, &queue.queue, event, Box::new(end))?;
        Ok(Self {
            source,
            queue: queue.clone(),
            pid,
            cancelled,
            ended,
        })
    }

    /// The process that is watched.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Whether the process that is watched sent a message with this token, and not another one that had the same pid before
    /// or has it now. The message came by a port whose [`identify_senders`](crate::ReceiveRight::identify_senders) said `true`.
    ///
    /// `false` too for a process that was gone before it could be watched, and where the system did not tell.
    #[must_use]
    pub fn is_sender(&self, token: &AuditToken) -> bool {
        token.pid() == self.pid && self.source.is_of(token)
    }

    /// Sees to it that the handler is not called if it has not been. The same as dropping the source.
    pub fn cancel(self) {
        drop(self);
    }

    /// Like [`cancel`](Self::cancel), and waits for a call that is under way.
    ///
    /// # Errors
    ///
    /// The caller runs on the source's queue, or in a process that was forked from the queue's. The source is cancelled all the same.
    pub fn cancel_and_wait(self) -> Result<(), DispatchError> {
        self.queue.can_be_waited_for()?;
        self.stop();
        self.ended.take();
        Ok(())
    }

    /// Whether it is the process that this one was forked from that watches.
    pub(super) fn is_inherited(&self) -> bool {
        self.queue.is_inherited()
    }

    fn stop(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.source.cancel();
    }
}

impl Drop for ProcessExitSource {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for ProcessExitSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessExitSource")
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}
