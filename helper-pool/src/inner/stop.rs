//! The end of a pool that nobody is to notice.

use std::time::{Duration, Instant};

use crate::inner::Shared;
use crate::inner::state::Phase;

/// How much longer than it may take helpers to end is waited for the last of them to be reaped.
const MARGIN: Duration = Duration::from_secs(5);

impl Shared {
    /// Lets the calls in flight end, for `patience` at most, then has all helpers go. Whether none had to be killed.
    pub(crate) fn stop(&self, patience: Duration) -> bool {
        let later = |time: Duration| Instant::now().checked_add(time);
        let mut state = self.state.lock();
        if state.phase == Phase::Running {
            state.phase = Phase::Stopping;
        }
        // Those in line are told.
        self.turn.notify_all();
        let until = later(patience);
        while state.phase == Phase::Stopping && state.is_at_work() {
            match until {
                Some(until) => {
                    if self.turn.wait_until(&mut state, until).timed_out() {
                        break;
                    }
                }
                None => self.turn.wait(&mut state),
            }
        }
        if state.phase == Phase::Stopping {
            state.phase = Phase::Ended;
        }
        self.work.notify_one();
        let until = later(self.settings.exit_time.saturating_add(MARGIN));
        while !(state.seats.is_empty() && state.leaving.is_empty()) {
            match until {
                Some(until) => {
                    if self.turn.wait_until(&mut state, until).timed_out() {
                        return false;
                    }
                }
                None => self.turn.wait(&mut state),
            }
        }
        !state.forced
    }
}
