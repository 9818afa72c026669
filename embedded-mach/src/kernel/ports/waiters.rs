//! Threads that wait for something to happen to a port.

use std::collections::VecDeque;

use crate::sys::parker::Parker;

/// Waiting threads, first come first woken.
#[derive(Debug, Default)]
pub(crate) struct Waiters(VecDeque<Parker>);

impl Waiters {
    pub(crate) fn join(&mut self, parker: &Parker) {
        self.0.push_back(parker.clone());
    }

    pub(crate) fn leave(&mut self, parker: &Parker) {
        self.0.retain(|p| !p.is(parker));
    }

    /// Wakes the thread that has waited longest. It leaves the list itself, so that a wake that comes while it is
    /// giving up reaches the next one through whoever looks at the queue last.
    pub(crate) fn wake_one(&mut self) {
        if let Some(parker) = self.0.pop_front() {
            parker.wake();
        }
    }

    pub(crate) fn wake_all(&mut self) {
        for parker in self.0.drain(..) {
            parker.wake();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
