//! Calls that the pool's own threads make.

use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "tokio")]
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use parking_lot::Mutex;

use crate::settings::Settings;
use crate::{CallOptions, CancelToken, PoolError};

type Task = Box<dyn FnOnce() + Send>;

/// A bounded queue and the threads that take from it, which are made with the first job.
pub(crate) struct Jobs {
    sender: Mutex<Option<Sender<Task>>>,
    receiver: Receiver<Task>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// As many threads as there can be calls in flight.
    most: usize,
    queue: usize,
    /// Tells tasks that there is room in the queue, or never will be.
    #[cfg(feature = "tokio")]
    room: Arc<tokio::sync::Notify>,
}

/// A call that was given to the pool: it is made whether or not anybody waits for it.
#[derive(Debug)]
pub struct Job<T> {
    result: Receiver<Result<T, PoolError>>,
    token: CancelToken,
}

impl<T> Job<T> {
    /// Waits for the call's end.
    ///
    /// # Errors
    ///
    /// What became of the call; [`PoolError::Stopped`] if it was never begun.
    pub fn wait(self) -> Result<T, PoolError> {
        self.result.recv().unwrap_or(Err(PoolError::Stopped))
    }

    /// Waits for the call's end, for `timeout` at most; the job comes back if it has not ended.
    ///
    /// # Errors
    ///
    /// The job itself, which goes on.
    pub fn wait_timeout(self, timeout: Duration) -> Result<Result<T, PoolError>, Self> {
        match self.result.recv_timeout(timeout) {
            Ok(result) => Ok(result),
            Err(RecvTimeoutError::Timeout) => Err(self),
            Err(RecvTimeoutError::Disconnected) => Ok(Err(PoolError::Stopped)),
        }
    }

    /// Cancels the call, and all others that were given the same token: see [`CancelToken`].
    pub fn cancel(&self) {
        self.token.cancel();
    }
}

impl Jobs {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (sender, receiver) = bounded(settings.queue);
        Self {
            sender: Mutex::new(Some(sender)),
            receiver,
            threads: Mutex::default(),
            most: settings.count.most.saturating_mul(settings.in_flight),
            queue: settings.queue,
            #[cfg(feature = "tokio")]
            room: Arc::default(),
        }
    }

    pub(crate) fn submit<T: Send + 'static>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&CallOptions) -> Result<T, PoolError> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        let (task, job) = task(options, call);
        let sender = self.sender()?;
        sender.send(task).map_err(|_| PoolError::Stopped)?;
        Ok(job)
    }

    pub(crate) fn try_submit<T: Send + 'static>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&CallOptions) -> Result<T, PoolError> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        let (task, job) = task(options, call);
        match self.sender()?.try_send(task) {
            Ok(()) => Ok(job),
            Err(TrySendError::Full(_)) => Err(PoolError::QueueFull(self.queue)),
            Err(TrySendError::Disconnected(_)) => Err(PoolError::Stopped),
        }
    }

    /// Where jobs go, after seeing to it that somebody takes them.
    fn sender(&self) -> Result<Sender<Task>, PoolError> {
        let sender = self.sender.lock().clone().ok_or(PoolError::Stopped)?;
        let mut threads = self.threads.lock();
        while threads.len() < self.most {
            let thread = thread::Builder::new()
                .name("helper-job".to_owned())
                .spawn(self.worker());
            match thread {
                Ok(thread) => threads.push(thread),
                // Fewer do it as well, more slowly.
                Err(_) if !threads.is_empty() => break,
                Err(error) => {
                    tracing::error!(%error, "no thread can be made for a pool's jobs");
                    return Err(PoolError::Stopped);
                }
            }
        }
        Ok(sender)
    }

    /// What a thread of the pool's does until the queue is closed.
    fn worker(&self) -> impl FnOnce() + Send + 'static {
        let receiver = self.receiver.clone();
        #[cfg(feature = "tokio")]
        let room = Arc::clone(&self.room);
        move || {
            for task in &receiver {
                #[cfg(feature = "tokio")]
                room.notify_waiters();
                task();
            }
        }
    }

    /// Takes no more jobs, and drops those that wait.
    pub(crate) fn close(&self) {
        drop(self.sender.lock().take());
        self.receiver.try_iter().for_each(drop);
        #[cfg(feature = "tokio")]
        self.room.notify_waiters();
    }

    /// As [`submit`](Self::submit), for a task that waits for room.
    #[cfg(feature = "tokio")]
    pub(crate) async fn submit_async<T: Send + 'static>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&CallOptions) -> Result<T, PoolError> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        let (mut task, job) = task(options, call);
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            // From before the look on, so that none is missed that is made behind it.
            room.as_mut().enable();
            match self.sender()?.try_send(task) {
                Ok(()) => return Ok(job),
                Err(TrySendError::Full(back)) => task = back,
                Err(TrySendError::Disconnected(_)) => return Err(PoolError::Stopped),
            }
            room.await;
        }
    }
}

impl Jobs {
    /// Waits for the threads, whose calls have ended or are about to fail.
    pub(crate) fn join(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            // A job may be the last to have its pool.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a thread of a pool's jobs has panicked");
            }
        }
    }
}

/// A call as a task for a thread, and what its user has of it.
fn task<T: Send + 'static>(
    options: CallOptions,
    call: impl FnOnce(&CallOptions) -> Result<T, PoolError> + Send + 'static,
) -> (Task, Job<T>) {
    let token = options.cancel.clone().unwrap_or_default();
    let options = options.cancel(&token);
    let (done, result) = bounded(1);
    let task = Box::new(move || {
        // The helper has been seen to by then, and whoever waits is told.
        let call = AssertUnwindSafe(|| call(&options));
        let outcome = catch_unwind(call).unwrap_or(Err(PoolError::JobPanicked));
        let _ = done.send(outcome);
    });
    (task, Job { result, token })
}
