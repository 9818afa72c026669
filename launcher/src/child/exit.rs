use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mach_ports::dispatch::{DispatchError, ProcessExitSource, SerialQueue};
use parking_lot::{Condvar, Mutex};

/// Where the exits of all children are noticed. Made at the first launch.
static QUEUE: Mutex<Option<SerialQueue>> = Mutex::new(None);

fn queue() -> Result<SerialQueue, DispatchError> {
    let mut queue = QUEUE.lock();
    match &*queue {
        Some(queue) => Ok(queue.clone()),
        None => Ok(queue.insert(SerialQueue::new("launcher.exits")?).clone()),
    }
}

/// The exit of a child, as an event: it can be asked for, waited for, or made
/// to call a function.
///
/// The event says that the process has exited, not that it was reaped: its pid
/// stays its own until [`Child::wait`](crate::Child::wait) or its like.
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
/// use launcher::Launcher;
///
/// let child = Launcher::new("true").spawn()?;
/// let (exited, events) = mpsc::channel();
/// child.exit_event().notify(move || drop(exited.send("exited")));
/// assert_eq!(events.recv_timeout(Duration::from_secs(60))?, "exited");
/// child.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExitEvent {
    signal: Arc<Signal>,
    // Watches for as long as anybody is interested.
    _source: Arc<ProcessExitSource>,
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    exited: Condvar,
}

#[derive(Default)]
struct State {
    exited: bool,
    callbacks: Vec<Callback>,
}

type Callback = Box<dyn FnOnce() + Send>;

impl ExitEvent {
    /// Watches a process, which may have exited already.
    pub(crate) fn watch(pid: i32) -> Result<Self, DispatchError> {
        let signal = Arc::new(Signal::default());
        let fired = Arc::clone(&signal);
        let source = ProcessExitSource::new(pid, &queue()?, move || fired.fire())?;
        Ok(Self {
            signal,
            _source: Arc::new(source),
        })
    }

    /// Whether the process has exited.
    #[must_use]
    pub fn has_occurred(&self) -> bool {
        self.signal.state.lock().exited
    }

    /// Waits for the exit.
    pub fn wait(&self) {
        let mut state = self.signal.state.lock();
        self.signal
            .exited
            .wait_while(&mut state, |state| !state.exited);
    }

    /// Waits for the exit, for `timeout` at most; says whether it occurred.
    #[must_use]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let mut state = self.signal.state.lock();
        let running = |state: &mut State| !state.exited;
        !self
            .signal
            .exited
            .wait_while_for(&mut state, running, timeout)
            .timed_out()
    }

    /// Calls `callback` once the process has exited, on a queue that serves all
    /// children: it must not wait for anything, and a panic there ends this
    /// process. If the child has exited already, it is called at once, on this
    /// thread.
    ///
    /// It is forgotten if the [`Child`](crate::Child) and every clone of the
    /// event are dropped before.
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
