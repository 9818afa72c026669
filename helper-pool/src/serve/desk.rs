//! Takes work in, and notices that nobody will send more, whatever the workers are at.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use mach_ports::{Notification, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage};
use parking_lot::{Condvar, Mutex};

use crate::ServeError;
use crate::sys::exit_now;

/// The largest request, out-of-line memory not counted, in bytes.
const LARGEST: usize = 1 << 20;
/// How long a routine may go on that nobody waits for.
const GRACE: Duration = Duration::from_secs(1);

/// A request, and what says that somebody is at it.
pub(super) struct Task {
    pub(super) message: ReceivedMessage,
    pub(super) at_work: AtWork,
}

/// Its thread.
pub(super) struct Desk(JoinHandle<Result<(), ReceiveError>>);

impl Desk {
    /// Takes requests from a port, for workers to take from the queue that is returned. That ends when nobody can send to the
    /// port any more.
    pub(super) fn open(port: ReceiveRight) -> Result<(Self, Receiver<Task>), ServeError> {
        port.request_no_senders(port.make_send_once()?, 0)?;
        let (sender, tasks) = unbounded();
        let thread = thread::Builder::new()
            .name("helper-desk".to_owned())
            .spawn(move || take_in(&port, sender))
            .map_err(ServeError::Thread)?;
        Ok((Self(thread), tasks))
    }

    /// Waits for the thread, which has ended the queue.
    pub(super) fn close(self) -> Result<(), ServeError> {
        match self.0.join() {
            Ok(result) => result.map_err(ServeError::Receive),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn take_in(port: &ReceiveRight, sender: Sender<Task>) -> Result<(), ReceiveError> {
    let count = Arc::new(Count::default());
    let options = ReceiveOptions::new().max_size(LARGEST);
    let result = loop {
        match port.receive(&options) {
            Ok(message) if is_the_end(&message) => break Ok(()),
            Ok(message) => {
                let at_work = AtWork::new(&count);
                if sender.send(Task { message, at_work }).is_err() {
                    break Ok(());
                }
            }
            Err(
                error @ (ReceiveError::TooLarge { .. }
                | ReceiveError::Damaged(_)
                | ReceiveError::Malformed),
            ) => tracing::debug!(%error, "a request was destroyed"),
            Err(error) => break Err(error),
        }
    };
    drop(sender);
    if !count.wait_for_none(GRACE) {
        // A worker hangs, and may hold what an orderly exit takes.
        exit_now(0);
    }
    result
}

fn is_the_end(message: &ReceivedMessage) -> bool {
    matches!(message.notification(), Some(Notification::NoSenders { .. }))
}

/// How many requests are queued, or at work.
#[derive(Default)]
struct Count {
    now: Mutex<usize>,
    none: Condvar,
}

/// Counts one for as long as it lives.
pub(super) struct AtWork(Arc<Count>);

impl AtWork {
    fn new(count: &Arc<Count>) -> Self {
        *count.now.lock() += 1;
        Self(Arc::clone(count))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        *self.0.now.lock() -= 1;
        self.0.none.notify_all();
    }
}

impl Count {
    fn wait_for_none(&self, patience: Duration) -> bool {
        let mut now = self.now.lock();
        !self
            .none
            .wait_while_for(&mut now, |now| *now > 0, patience)
            .timed_out()
    }
}
