//! The start of one helper, on a thread of its own.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Instant;

use mach_interface::Client;

use crate::error::{StartCause, StartError};
use crate::helper::Helper;
use crate::inner::Shared;
use crate::inner::seat::{Seat, Serving};
use crate::inner::state::Phase;

impl Shared {
    /// Starts a helper for a seat that is there already.
    pub(super) fn start(self: &Arc<Self>, seat: u64) {
        let shared = Arc::clone(self);
        let thread = thread::Builder::new()
            .name("helper-start".to_owned())
            .spawn(move || {
                let started = shared.start_here(seat);
                shared.settle(seat, started);
            });
        if let Err(error) = thread {
            let error = StartError {
                pid: None,
                cause: StartCause::Thread(error),
                stderr: String::new(),
            };
            self.settle(seat, Err(error));
        }
    }

    fn start_here(&self, seat: u64) -> Result<(Arc<Helper>, Client), StartError> {
        let (helper, right) = Helper::launch(
            &self.launcher,
            self.settings.stderr,
            self.reader.as_ref(),
            &mut **self.prepare.lock(),
        )?;
        let helper = Arc::new(helper);
        {
            // From here on it can be killed by who stops the pool.
            let mut state = self.state.lock();
            if matches!(state.phase, Phase::Ended | Phase::Dropped) {
                return Err(StartError {
                    pid: Some(helper.pid()),
                    cause: StartCause::Stopped,
                    stderr: String::new(),
                });
            }
            if let Some(Seat::Starting(process)) = state.seats.get_mut(&seat) {
                *process = Some(Arc::clone(&helper));
            }
        }
        let client = helper.greet(right, self.interface, self.settings.start_deadline)?;
        Ok((helper, client))
    }

    fn settle(self: &Arc<Self>, seat: u64, started: Result<(Arc<Helper>, Client), StartError>) {
        let now = Instant::now();
        let mut state = self.state.lock();
        let is_over = matches!(state.phase, Phase::Ended | Phase::Dropped);
        // What is lost is dropped without the lock: its end is waited for.
        let (served, _lost) = match started {
            Ok((helper, client)) if !is_over => {
                let pid = helper.pid();
                state.total.started += 1;
                tracing::debug!(
                    pid,
                    monotonic_counter.helper_pool_started = 1_u64,
                    "a helper serves"
                );
                let serving = Serving::new(Arc::clone(&helper), client, now);
                let starting = state.seats.insert(seat, Seat::Serving(serving));
                (Some(helper), starting)
            }
            Ok((helper, _)) => {
                state.seats.remove(&seat);
                (None, Some(Seat::Starting(Some(helper))))
            }
            Err(error) => {
                if !is_over {
                    state.start_failed(error, now);
                }
                (None, state.seats.remove(&seat))
            }
        };
        drop(state);
        if let Some(helper) = served {
            // One that ends with nothing to do is replaced.
            let pool: Weak<Self> = Arc::downgrade(self);
            helper.on_exit(move || {
                if let Some(pool) = pool.upgrade() {
                    pool.nudge();
                }
            });
        }
        self.nudge_all();
    }
}
