//! The exit of a process as an event, for any number of parties and by one watch.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::dispatch::{DispatchError, ProcessExitSource, SerialQueue};
use crate::message::AuditToken;
use crate::platform::spawn::Spawned;

/// Where all exits are noticed. Made with the first event.
static QUEUE: Mutex<Option<SerialQueue>> = Mutex::new(None);

fn queue() -> Result<SerialQueue, DispatchError> {
    let mut queue = QUEUE.lock();
    match &*queue {
        Some(queue) if !queue.is_inherited() => Ok(queue.clone()),
        _ => Ok(queue.insert(SerialQueue::new("process-exits")?).clone()),
    }
}

/// The exit of a process, as an event: it can be asked for, waited for, or made to call functions.
///
/// Clones are the same event, and all of them together take one watch of the system's. The event says that the process
/// has exited, not that it was reaped: its pid stays its own until somebody waits for it.
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
/// use mach_ports::dispatch::ExitEvent;
///
/// let mut child = std::process::Command::new("true").spawn()?;
/// let exit = ExitEvent::watch(child.id().cast_signed())?;
/// let (exited, events) = mpsc::channel();
/// exit.notify(move || drop(exited.send("exited")));
/// assert_eq!(events.recv_timeout(Duration::from_secs(60))?, "exited");
/// child.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExitEvent {
    signal: Arc<Signal>,
    // Watches for as long as anybody is interested.
    source: Arc<ProcessExitSource>,
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    exited: Condvar,
    #[cfg(feature = "tokio")]
    tasks: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    exited: bool,
    callbacks: Vec<Callback>,
}

type Callback = Box<dyn FnOnce() + Send>;

impl ExitEvent {
    /// Watches a process, which may have exited already. It must not have been reaped: its pid may be another's.
    ///
    /// # Errors
    ///
    /// `pid` is not positive, or the system is short of a resource.
    pub fn watch(pid: i32) -> Result<Self, DispatchError> {
        Self::new(|queue, fire| ProcessExitSource::new(pid, queue, fire))
    }

    /// Watches a process that was spawned, which is known by more than its number where the system can do that.
    ///
    /// # Errors
    ///
    /// The system is short of a resource.
    pub fn of(process: Spawned) -> Result<Self, DispatchError> {
        Self::new(|queue, fire| ProcessExitSource::of(process, queue, fire))
    }

    fn new(
        source: impl FnOnce(
            &SerialQueue,
            Box<dyn FnOnce() + Send>,
        ) -> Result<ProcessExitSource, DispatchError>,
    ) -> Result<Self, DispatchError> {
        let signal = Arc::new(Signal::default());
        let fired = Arc::clone(&signal);
        let source = source(&queue()?, Box::new(move || fired.fire()))?;
        Ok(Self {
            signal,
            source: Arc::new(source),
        })
    }

    /// The process that is watched.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.source.pid()
    }

    /// Whether this process sent a message with this token: see [`ProcessExitSource::is_sender`].
    #[must_use]
    pub fn is_sender(&self, token: &AuditToken) -> bool {
        self.source.is_sender(token)
    }

    /// Whether the process has exited.
    #[must_use]
    pub fn has_occurred(&self) -> bool {
        self.signal.state.lock().exited
    }

    /// Waits for the exit; not at all in a process that was forked from the one that watches.
    pub fn wait(&self) {
        if self.source.is_inherited() {
            return;
        }
        let mut state = self.signal.state.lock();
        self.signal
            .exited
            .wait_while(&mut state, |state| !state.exited);
    }

    /// Waits for the exit, for `timeout` at most, and as [`wait`](Self::wait); says whether it occurred.
    #[must_use]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        if self.source.is_inherited() {
            return false;
        }
        let mut state = self.signal.state.lock();
        let running = |state: &mut State| !state.exited;
        !self
            .signal
            .exited
            .wait_while_for(&mut state, running, timeout)
            .timed_out()
    }

    /// Waits for the exit, as a task; as [`wait`](Self::wait) otherwise. Any runtime will do.
    #[cfg(feature = "tokio")]
    pub async fn occurred(&self) {
        // Woken by an exit from here on.
        let exit = self.signal.tasks.notified();
        if !self.source.is_inherited() && !self.has_occurred() {
            exit.await;
        }
    }

    /// Calls `callback` once the process has exited, on a queue that serves all
    /// events: it must not wait for anything, and a panic there ends this
    /// process. If the process has exited already, it is called at once, on this
    /// thread.
    ///
    /// It is forgotten if every clone of the event is dropped before.
    pub fn notify(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.signal.state.lock();
        if state.exited {
            drop(state);
            callback();
        } else {
            state.callbacks.push(Box::new(callback));
        }
    }
}

impl Signal {
    fn fire(&self) {
        let mut state = self.state.lock();
        state.exited = true;
        let callbacks = std::mem::take(&mut state.callbacks);
        self.exited.notify_all();
        // Callbacks may well look at the event.
        drop(state);
        #[cfg(feature = "tokio")]
        self.tasks.notify_waiters();
        for callback in callbacks {
            callback();
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("exited", &self.state.lock().exited)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn callbacks_are_called_once_before_and_after() {
        let signal = Signal::default();
        let (sender, receiver) = mpsc::channel();
        let early = sender.clone();
        signal
            .state
            .lock()
            .callbacks
            .push(Box::new(move || early.send("early").unwrap()));
        signal.fire();
        signal.fire();
        assert_eq!(receiver.try_recv(), Ok("early"));
        assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop(sender);
    }

    #[test]
    fn an_exit_is_noticed() {
        let mut child = std::process::Command::new("/bin/sh")
            .args(["-c", "exit 3"])
            .spawn()
            .unwrap();
        let event = ExitEvent::watch(child.id().cast_signed()).unwrap();
        let (sender, receiver) = mpsc::channel();
        event.notify(move || sender.send(()).unwrap());
        assert!(event.wait_timeout(Duration::from_secs(60)));
        assert!(event.has_occurred());
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(()));
        // Noticed, not reaped.
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
}
