//! Waiting for a helper.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mach_interface::Client;
use parking_lot::MutexGuard;

use crate::helper::Helper;
use crate::inner::Shared;
use crate::inner::seat::Flight;
use crate::inner::state::{Phase, State};
use crate::{CallOptions, PoolError};

/// A helper that somebody has: for one call, or for a session.
pub(crate) struct Lease {
    pub(super) seat: u64,
    pub(super) helper: Arc<Helper>,
    client: Client,
}

/// A call that is in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InFlight {
    pub(super) id: u64,
    pub(super) deadline: Option<Duration>,
}

impl Lease {
    pub(crate) fn pid(&self) -> i32 {
        self.helper.pid()
    }

    /// By which one call is made.
    pub(crate) fn client(&self, flight: InFlight) -> Client {
        self.client.clone().with_timeout(flight.deadline)
    }

    pub(super) fn right(&self) -> &mach_ports::SendRight {
        self.client.right()
    }
}

impl Shared {
    /// Waits for a helper and gives it a call.
    pub(crate) fn begin_call(
        self: &Arc<Self>,
        options: &CallOptions,
    ) -> Result<(Lease, InFlight), PoolError> {
        let (mut state, seat) = self.wait_in_line(false, options)?;
        let lease = self.lease(&mut state, seat)?;
        let flight = self.take_off(&mut state, seat, options);
        Ok((lease, flight))
    }

    /// Waits for a helper that has nothing else to do.
    pub(crate) fn begin_session(
        self: &Arc<Self>,
        options: &CallOptions,
    ) -> Result<Lease, PoolError> {
        let (mut state, seat) = self.wait_in_line(true, options)?;
        let lease = self.lease(&mut state, seat)?;
        if let Some(serving) = state.at(seat) {
            serving.in_session = true;
        }
        Ok(lease)
    }

    /// Begins one call of a session.
    pub(crate) fn begin_in_session(
        self: &Arc<Self>,
        lease: &Lease,
        options: &CallOptions,
    ) -> Result<InFlight, PoolError> {
        if let Some(token) = &options.cancel {
            token.watch(self);
        }
        let mut state = self.state.lock();
        if is_cancelled(options) {
            state.total.cancelled += 1;
            return Err(PoolError::Cancelled);
        }
        if state.phase != Phase::Running {
            return Err(PoolError::Stopped);
        }
        if state
            .at(lease.seat)
            .is_none_or(|serving| serving.worn.is_some())
        {
            return Err(PoolError::SessionOver);
        }
        Ok(self.take_off(&mut state, lease.seat, options))
    }

    /// The state, and the seat whose helper is this caller's while the lock is held.
    fn wait_in_line(
        self: &Arc<Self>,
        for_session: bool,
        options: &CallOptions,
    ) -> Result<(MutexGuard<'_, State>, u64), PoolError> {
        if let Some(token) = &options.cancel {
            token.watch(self);
        }
        let until = options
            .wait
            .map(|wait| (Instant::now().checked_add(wait), wait));
        let mut state = self.state.lock();
        let ticket = state.new_id();
        state.line.push_back(ticket);
        let failed_before = state.starts.failed_ever();
        let mut is_asked_for = false;
        let picked = loop {
            if let Some(error) = refusal(&mut state, options, failed_before) {
                break Err(error);
            }
            let is_first = state.line.front() == Some(&ticket);
            if is_first && let Some(seat) = state.pick(for_session, &self.settings) {
                break Ok(seat);
            }
            // One may have to be started, or be found useless.
            if is_first || !is_asked_for {
                is_asked_for = true;
                self.work.notify_one();
            }
            match until {
                Some((Some(time), wait)) => {
                    if self.turn.wait_until(&mut state, time).timed_out() {
                        break Err(PoolError::NotInTime(wait));
                    }
                }
                _ => self.turn.wait(&mut state),
            }
        };
        state.line.retain(|other| *other != ticket);
        if !state.line.is_empty() {
            // Whoever is first now may find another helper.
            self.turn.notify_all();
        }
        picked.map(|seat| (state, seat))
    }

    fn lease(&self, state: &mut State, seat: u64) -> Result<Lease, PoolError> {
        let serving = state.at(seat).ok_or(PoolError::Stopped)?;
        Ok(Lease {
            seat,
            helper: Arc::clone(&serving.helper),
            client: serving.client.clone(),
        })
    }

    fn take_off(&self, state: &mut State, seat: u64, options: &CallOptions) -> InFlight {
        let id = state.new_id();
        let now = Instant::now();
        let deadline = options.deadline.unwrap_or(self.settings.deadline);
        // One that is further away than the clock reaches is none.
        let until = deadline.and_then(|deadline| Some((now.checked_add(deadline)?, deadline)));
        if let Some(serving) = state.at(seat) {
            serving.flights.push(Flight {
                id,
                until,
                cancel: options.cancel.clone(),
                given_up: None,
            });
        }
        let next = until.map(|(time, _)| time);
        let next = match self.next_glance(now) {
            Some(glance) => Some(next.map_or(glance, |next| next.min(glance))),
            None => next,
        };
        if let Some(next) = next
            && state.alarm.is_none_or(|alarm| next < alarm)
        {
            self.work.notify_one();
        }
        InFlight { id, deadline }
    }
}

/// Why a caller need not wait any longer.
fn refusal(state: &mut State, options: &CallOptions, failed_before: u64) -> Option<PoolError> {
    if state.phase != Phase::Running {
        return Some(PoolError::Stopped);
    }
    if is_cancelled(options) {
        state.total.cancelled += 1;
        return Some(PoolError::Cancelled);
    }
    let error = state.starts.given_up()?;
    let somebody_serves = state.serving().any(|(_, serving)| serving.worn.is_none());
    let has_been_tried = state.starts.failed_ever() > failed_before;
    let is_too_early = state.starts.is_recent(Instant::now());
    (!somebody_serves && (has_been_tried || is_too_early)).then(|| error.into())
}

fn is_cancelled(options: &CallOptions) -> bool {
    options
        .cancel
        .as_ref()
        .is_some_and(|token| token.is_cancelled())
}
