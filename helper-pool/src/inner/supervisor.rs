//! The thread that minds time, memory and the number of helpers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use crate::helper::Helper;
use crate::inner::Shared;
use crate::inner::seat::{Killed, Seat};
use crate::inner::state::{Phase, State};

/// How often the memory of helpers that are at work is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// What one look has found to be done without the lock.
#[derive(Default)]
struct Chores {
    /// To be dropped, which kills and reaps them.
    gone: Vec<Arc<Helper>>,
    /// Seats to start helpers for.
    starts: Vec<u64>,
}

impl Shared {
    /// Runs until all helpers are gone, after the pool was stopped.
    pub(super) fn supervise(self: &Arc<Self>) {
        let mut state = self.state.lock();
        let mut last_glance = Instant::now();
        loop {
            let now = Instant::now();
            let mut chores = Chores::default();
            give_up_calls(&mut state, now);
            if now.duration_since(last_glance) >= GLANCE {
                last_glance = now;
                self.look_at_memory(&mut state);
            }
            self.collect(&mut state, now, &mut chores);
            match state.phase {
                Phase::Running => self.adjust(&mut state, now, &mut chores),
                Phase::Stopping => {}
                Phase::Ended | Phase::Dropped => self.end(&mut state, now, &mut chores),
            }
            if !chores.gone.is_empty() || !chores.starts.is_empty() {
                let Chores { gone, starts } = chores;
                MutexGuard::unlocked(&mut state, || {
                    drop(gone);
                    starts.into_iter().for_each(|seat| self.start(seat));
                });
                continue;
            }
            if matches!(state.phase, Phase::Ended | Phase::Dropped) {
                self.turn.notify_all();
                if state.seats.is_empty() && state.leaving.is_empty() {
                    return;
                }
            }
            state.alarm = self.next_look(&state, now);
            match state.alarm {
                Some(alarm) => drop(self.work.wait_until(&mut state, alarm)),
                None => self.work.wait(&mut state),
            }
        }
    }

    /// When the memory of helpers at work is looked at next, if at all.
    pub(super) fn next_glance(&self, now: Instant) -> Option<Instant> {
        self.settings
            .memory_limit
            .and_then(|_| now.checked_add(GLANCE))
    }

    /// Whether there will be one helper too many before the supervisor looks again.
    pub(super) fn may_retire(&self, state: &State, now: Instant) -> bool {
        let count = self.settings.count;
        // Most pools are of always so many, and are spared the count.
        let may_change = count.least < count.most || self.settings.spares > 0;
        let retirement = now.checked_add(self.settings.idle_time);
        may_change
            && state
                .alarm
                .is_none_or(|alarm| retirement.is_some_and(|time| time < alarm))
            && state.census().surplus(&self.settings) > 0
    }

    fn look_at_memory(&self, state: &mut State) {
        let Some(limit) = self.settings.memory_limit else {
            return;
        };
        for (_, serving) in state
            .serving_mut()
            .filter(|(_, serving)| !serving.flights.is_empty())
        {
            if let Some(resident) = serving
                .helper
                .resident_memory()
                .filter(|size| *size > limit)
            {
                serving.kill(Killed::Memory { resident, limit });
            }
        }
    }

    /// Collects helpers that have ended by themselves or let go of their ports, and kills those that should have ended.
    fn collect(&self, state: &mut State, now: Instant, chores: &mut Chores) {
        let ended: Vec<u64> = state
            .serving()
            .filter(|(_, serving)| serving.is_idle() && !serving.is_alive())
            .map(|(seat, _)| seat)
            .collect();
        for seat in ended {
            let Some(serving) = state.unseat(seat) else {
                continue;
            };
            if serving.calls == 0 {
                // As one that never came to serve: started again at once, it might do the same for ever.
                state.start_failed(serving.helper.start_error(), now);
            } else {
                state.total.ended_idle += 1;
                tracing::warn!(
                    pid = serving.helper.pid(),
                    monotonic_counter.helper_pool_ended_idle = 1_u64,
                    "a helper ended while it had nothing to do"
                );
            }
            chores.gone.push(serving.helper);
        }
        let leaving = std::mem::take(&mut state.leaving);
        let (gone, staying): (Vec<_>, Vec<_>) = leaving
            .into_iter()
            .partition(|leaving| leaving.helper.has_exited() || leaving.kill_at <= now);
        state.leaving = staying;
        for leaving in gone {
            if !leaving.helper.has_exited() {
                tracing::warn!(pid = leaving.helper.pid(), "a helper did not end by itself");
                state.forced = true;
            }
            chores.gone.push(leaving.helper);
        }
    }

    /// Sees to it that there are as many helpers as there should be.
    fn adjust(&self, state: &mut State, now: Instant, chores: &mut Chores) {
        let census = state.census();
        let allowed = state.starts.allowed(now, !state.line.is_empty());
        let missing = census
            .missing(&self.settings)
            .min(allowed.saturating_sub(census.starting));
        for _ in 0..missing {
            let seat = state.new_id();
            state.seats.insert(seat, Seat::Starting(None));
            chores.starts.push(seat);
        }
        for _ in 0..census.surplus(&self.settings) {
            let Some(seat) = longest_idle(state)
                .filter(|(_, since)| now.duration_since(*since) >= self.settings.idle_time)
                .map(|(seat, _)| seat)
            else {
                break;
            };
            if let Some(serving) = state.unseat(seat) {
                let pid = serving.helper.pid();
                tracing::debug!(
                    pid,
                    monotonic_counter.helper_pool_retired = 1_u64,
                    "a helper is not needed"
                );
                state.total.retired += 1;
                state.leave(serving.helper, &self.settings, now);
            }
        }
    }

    /// Has all helpers go.
    fn end(&self, state: &mut State, now: Instant, chores: &mut Chores) {
        if state.phase == Phase::Dropped {
            chores
                .gone
                .extend(state.leaving.drain(..).map(|leaving| leaving.helper));
        }
        if state.is_at_work() {
            state.forced = true;
        }
        let idle: Vec<u64> = state
            .serving()
            .filter(|(_, serving)| serving.flights.is_empty())
            .map(|(seat, _)| seat)
            .collect();
        for seat in idle {
            if let Some(serving) = state.unseat(seat) {
                match state.phase {
                    Phase::Dropped => chores.gone.push(serving.helper),
                    _ if serving.in_session || serving.worn.is_some() => {
                        chores.gone.push(serving.helper);
                    }
                    _ => state.leave(serving.helper, &self.settings, now),
                }
            }
        }
        state.kill_all();
    }

    fn next_look(&self, state: &State, now: Instant) -> Option<Instant> {
        let deadlines = state
            .serving()
            .flat_map(|(_, serving)| &serving.flights)
            .filter(|flight| flight.given_up.is_none())
            .filter_map(|flight| flight.until.map(|(time, _)| time));
        let glance = state
            .serving()
            .any(|(_, serving)| !serving.flights.is_empty())
            .then(|| self.next_glance(now))
            .flatten();
        let leaving = state.leaving.iter().map(|leaving| leaving.kill_at);
        let census = state.census();
        let start = (census.missing(&self.settings) > 0)
            .then(|| state.starts.next(now))
            .flatten();
        let retirement = (census.surplus(&self.settings) > 0)
            .then(|| longest_idle(state))
            .flatten()
            .and_then(|(_, since)| since.checked_add(self.settings.idle_time));
        deadlines
            .chain(glance)
            .chain(leaving)
            .chain(start)
            .chain(retirement)
            .min()
    }
}

fn longest_idle(state: &State) -> Option<(u64, Instant)> {
    state
        .serving()
        .filter(|(_, serving)| serving.is_idle() && serving.worn.is_none())
        .map(|(seat, serving)| (seat, serving.idle_since))
        .min_by_key(|(_, since)| *since)
}

/// Gives up calls that have taken too long or were cancelled, and kills the helpers that are at nothing else.
fn give_up_calls(state: &mut State, now: Instant) {
    for (_, serving) in state.serving_mut() {
        for flight in &mut serving.flights {
            flight.look(now);
        }
        let all_given_up = !serving.flights.is_empty()
            && serving
                .flights
                .iter()
                .all(|flight| flight.given_up.is_some());
        if all_given_up {
            serving.kill(Killed::GivenUp);
        } else if serving
            .flights
            .iter()
            .any(|flight| flight.given_up.is_some())
        {
            serving.worn = Some(crate::inner::seat::Worn::Broken);
        }
    }
}
