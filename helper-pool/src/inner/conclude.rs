//! What became of a call, and of its helper.

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Fault, Loss, LostHelper, PoolError};
use crate::inner::Shared;
use crate::inner::acquire::{InFlight, Lease};
use crate::inner::seat::{Killed, Worn};
use crate::inner::state::State;
use crate::inner::verdict::{Meanwhile, Verdict};

impl Shared {
    /// Takes a helper back from a call, and says what became of that.
    pub(crate) fn conclude<T>(
        &self,
        lease: &Lease,
        flight: InFlight,
        result: Result<T, Fault>,
    ) -> Result<T, PoolError> {
        let outcome = match Verdict::of(result) {
            Verdict::Fine(results) => Ok(results),
            Verdict::Sound(error) => Err(error),
            Verdict::Silent => Err(self.silent(lease, flight)),
            Verdict::Late => {
                let late = || Loss::TimedOut(flight.deadline.unwrap_or(Duration::MAX));
                let meanwhile = self.meanwhile(lease, flight);
                Err(self.lost(lease, meanwhile.unwrap_or_else(|| Ok(late()))))
            }
            Verdict::Broken(loss) => {
                let meanwhile = self.meanwhile(lease, flight);
                Err(self.lost(lease, meanwhile.unwrap_or(Ok(loss))))
            }
        };
        let resident = match (&outcome, self.settings.recycle_memory) {
            (Ok(_), Some(_)) => lease.helper.resident_memory(),
            _ => None,
        };
        self.land(lease, flight, &outcome, resident);
        outcome
    }

    /// Takes a helper back from a call whose caller's own code has panicked: nobody knows how far it came.
    pub(crate) fn abandon_call(&self, lease: &Lease, flight: InFlight) {
        let outcome: Result<(), _> = Err(PoolError::JobPanicked);
        self.land(lease, flight, &outcome, None);
    }

    fn meanwhile(&self, lease: &Lease, flight: InFlight) -> Option<Result<Loss, PoolError>> {
        Meanwhile::of(&mut self.state.lock(), lease, flight).error()
    }

    /// Why no answer will come.
    fn silent(&self, lease: &Lease, flight: InFlight) -> PoolError {
        if let Some(error) = self.meanwhile(lease, flight) {
            return self.lost(lease, error);
        }
        let loss = lease.helper.autopsy(lease.right());
        // The deadline may have passed while it was dying of something else.
        let by_pool = match &loss {
            Loss::Ended(status) if status.signal() != Some(libc::SIGKILL) => None,
            _ => self.meanwhile(lease, flight),
        };
        self.lost(lease, by_pool.unwrap_or(Ok(loss)))
    }

    fn lost(&self, lease: &Lease, loss: Result<Loss, PoolError>) -> PoolError {
        match loss {
            Ok(loss) => LostHelper::new(loss, lease.pid(), lease.helper.said()).into(),
            Err(error) => error,
        }
    }

    /// Ends the flight, counts it, and sees what the helper is good for now.
    fn land<T>(
        &self,
        lease: &Lease,
        flight: InFlight,
        outcome: &Result<T, PoolError>,
        resident: Option<u64>,
    ) {
        let now = Instant::now();
        let mut state = self.state.lock();
        count(&mut state, outcome, lease.pid());
        if matches!(outcome, Ok(_) | Err(PoolError::Failed(_))) {
            state.starts.succeeded();
        }
        let Some(serving) = state.at(lease.seat) else {
            // The pool has been stopped meanwhile.
            return;
        };
        let given_up = serving
            .flight(flight.id)
            .is_some_and(|flight| flight.given_up.is_some());
        serving.flights.retain(|other| other.id != flight.id);
        serving.calls = serving.calls.saturating_add(1);
        serving.idle_since = now;
        match outcome {
            Err(PoolError::Lost(lost)) => {
                serving.worn = Some(Worn::Broken);
                // One that hangs in this call may be at others, which are left to end.
                let hangs = matches!(lost.loss(), Loss::TimedOut(_));
                if !hangs && !serving.flights.is_empty() {
                    serving.kill(Killed::OtherCall);
                }
            }
            Err(PoolError::Cancelled | PoolError::Stopped | PoolError::JobPanicked) => {
                serving.worn = Some(Worn::Broken);
            }
            // An answer that came as it was given up is an answer, but the process may have been killed.
            _ if given_up => serving.worn = Some(Worn::Broken),
            _ => {}
        }
        let has_served = |limit| serving.calls >= limit;
        let has_grown = |limit| resident.is_some_and(|resident| resident > limit);
        let is_due = self.settings.recycle_calls.is_some_and(has_served)
            || self.settings.recycle_memory.is_some_and(has_grown);
        if serving.worn.is_none() && is_due {
            serving.worn = Some(Worn::Recycled);
            state.total.recycled += 1;
            tracing::debug!(
                pid = lease.pid(),
                monotonic_counter.helper_pool_recycled = 1_u64,
                "a helper is recycled"
            );
        }
        self.vacate(state, lease.seat, now);
    }

    /// Gives a session's helper back, or ends it.
    pub(crate) fn end_session(&self, lease: &Lease, is_finished: bool) {
        let now = Instant::now();
        let mut state = self.state.lock();
        let Some(serving) = state.at(lease.seat) else {
            return;
        };
        serving.in_session = false;
        serving.idle_since = now;
        if !is_finished && serving.worn != Some(Worn::Broken) {
            serving.worn = Some(Worn::Broken);
            state.total.abandoned += 1;
        }
        self.vacate(state, lease.seat, now);
    }

    /// Sees who may have what has become free.
    fn vacate(&self, mut state: parking_lot::MutexGuard<'_, State>, seat: u64, now: Instant) {
        let gone: Option<Arc<_>> = state.clear(seat, &self.settings, now);
        let is_stopping = state.phase != crate::inner::state::Phase::Running;
        let somebody_waits = !state.line.is_empty() || is_stopping;
        let is_worn = state.at(seat).is_none_or(|serving| serving.worn.is_some());
        let may_retire = self.may_retire(&state, now);
        drop(state);
        if somebody_waits {
            self.turn.notify_all();
        }
        if is_worn || is_stopping || may_retire {
            // There is one to be replaced, or one too many.
            self.work.notify_one();
        }
        drop(gone);
    }
}

fn count<T>(state: &mut State, outcome: &Result<T, PoolError>, pid: i32) {
    let total = &mut state.total;
    let error = match outcome {
        Ok(_) => {
            total.succeeded += 1;
            tracing::trace!(
                pid,
                monotonic_counter.helper_pool_calls = 1_u64,
                "a call has its results"
            );
            return;
        }
        Err(error) => error,
    };
    let counter = match error {
        PoolError::Lost(lost) => match lost.loss() {
            Loss::TimedOut(_) => &mut total.timed_out,
            Loss::Memory { .. } => &mut total.memory,
            Loss::Ended(_) | Loss::Panicked | Loss::OtherCall => &mut total.crashed,
            Loss::Closed | Loss::Dropped | Loss::Protocol(_) | Loss::Breach(_) => {
                &mut total.breached
            }
        },
        PoolError::Cancelled => &mut total.cancelled,
        PoolError::JobPanicked => &mut total.abandoned,
        _ => &mut total.failed,
    };
    *counter += 1;
    match error.loss() {
        Some(loss) => {
            let error = loss as &dyn std::error::Error;
            tracing::warn!(
                pid,
                error,
                monotonic_counter.helper_pool_lost = 1_u64,
                "a helper is lost"
            );
        }
        None => {
            let error = error as &dyn std::error::Error;
            tracing::debug!(
                pid,
                error,
                monotonic_counter.helper_pool_failed = 1_u64,
                "a call has failed"
            );
        }
    }
}
