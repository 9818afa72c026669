//! The end.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::daemon::{Daemon, Event, follow};
use crate::settings::GRACE;
use crate::table::Table;

/// How long those that were killed take at most.
const PATIENCE: Duration = Duration::from_secs(5);

impl Daemon {
    /// Has helpers end, and kills those that do not. The lock service still answers them.
    pub(super) fn end(mut self) {
        tracing::info!("ending");
        let grace = {
            let mut table = self.table.lock();
            table.ending = true;
            let helper = table.settings.helper.as_ref();
            helper.map_or(GRACE, |helper| helper.grace)
        };
        self.signal_helpers(Signal::SIGTERM);
        self.wait_for_helpers(grace);
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
        let is_at_work = |table: &Table| !table.helpers.is_empty() || table.writing > 0;
        while is_at_work(&self.table.lock()) {
            let left = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(Event::HelperExited { id, pid }) => self.helper_exited(id, pid),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
