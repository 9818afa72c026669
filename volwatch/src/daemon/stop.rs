//! The end.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::daemon::{Daemon, Event, follow};

/// How long helpers have to end.
const PATIENCE: Duration = Duration::from_secs(5);

impl Daemon {
    /// Has helpers end, and kills those that do not. The lock service still answers them.
    pub(super) fn end(mut self) {
        tracing::info!("ending");
        self.table.lock().ending = true;
        self.signal_helpers(Signal::SIGTERM);
        self.wait_for_helpers(PATIENCE);
        self.signal_helpers(Signal::SIGKILL);
        self.wait_for_helpers(PATIENCE);
    }

    fn signal_helpers(&self, signal: Signal) {
        for child in self.table.lock().children() {
            follow::signal(&child, signal);
        }
    }

    fn wait_for_helpers(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while !self.table.lock().helpers.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(Event::HelperExited { id, pid }) => self.helper_exited(id, pid),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
