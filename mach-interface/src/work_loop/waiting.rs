//! What is no port is waited for by a thread, which rings a bell that is one.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use mach_ports::{Message, SendOptions, SendRight};
use parking_lot::{Condvar, Mutex};

/// How long a thread waits before it looks whether it is still wanted.
const TURN: Duration = Duration::from_millis(250);

/// What is waited for: nothing yet, an event, or no more of them.
pub(super) type Wait<E> = ControlFlow<(), Option<E>>;

/// A thread that waits for events and hands over one after the other. Dropping it ends the thread, within a moment.
pub(super) struct Waiting<E> {
    shared: Arc<Shared<E>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared<E> {
    state: Mutex<State<E>>,
    changed: Condvar,
}

struct State<E> {
    /// What is to be taken before the thread waits again.
    event: Option<E>,
    over: bool,
}

impl<E: Send + 'static> Waiting<E> {
    /// Begins to wait. `wait` is called again and again, and waits no longer than the time it is told.
    pub(super) fn begin(
        bell: SendRight,
        mut wait: impl FnMut(Duration) -> Wait<E> + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                event: None,
                over: false,
            }),
            changed: Condvar::new(),
        });
        let waiter = Arc::clone(&shared);
        let thread = Builder::new().name("work-loop-wait".to_owned());
        let thread = thread.spawn(move || {
            while !waiter.state.lock().over {
                let goes_on = match wait(TURN) {
                    ControlFlow::Continue(None) => true,
                    ControlFlow::Continue(Some(event)) => waiter.hand_over(event, &bell),
                    ControlFlow::Break(()) => false,
                };
                if !goes_on {
                    return;
                }
            }
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }
}

impl<E> Waiting<E> {
    /// What the bell was rung for.
    pub(super) fn take(&self) -> Option<E> {
        let event = self.shared.state.lock().event.take();
        self.shared.changed.notify_all();
        event
    }
}

impl<E> Shared<E> {
    /// Rings, and waits until the event was taken; whether another is wanted.
    fn hand_over(&self, event: E, bell: &SendRight) -> bool {
        self.state.lock().event = Some(event);
        // It is the only message there, so there is room for it.
        if Message::new(0).send(bell, &SendOptions::new()).is_err() {
            return false;
        }
        let mut state = self.state.lock();
        while state.event.is_some() && !state.over {
            self.changed.wait(&mut state);
        }
        !state.over
    }
}

impl<E> Drop for Waiting<E> {
    fn drop(&mut self) {
        self.shared.state.lock().over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a thread that waited for a work loop has panicked");
        }
    }
}
