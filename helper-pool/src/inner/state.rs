//! All that changes in a pool.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::error::StartError;
use crate::helper::Helper;
use crate::inner::demand::Census;
use crate::inner::seat::{Killed, Seat, Serving, Worn};
use crate::inner::starts::Starts;
use crate::settings::Settings;
use crate::{Stats, Totals};

/// How far a pool's life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// No more calls begin.
    Stopping,
    /// All helpers go, by themselves.
    Ended,
    /// All helpers are killed.
    Dropped,
}

/// A helper that nobody can ask any more, and that should end.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) helper: Arc<Helper>,
    pub(super) kill_at: Instant,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) seats: BTreeMap<u64, Seat>,
    /// The tickets of those who wait for a helper, in their order.
    pub(super) line: VecDeque<u64>,
    pub(super) starts: Starts,
    pub(super) leaving: Vec<Leaving>,
    /// Whether a helper had to be killed at the end.
    pub(super) forced: bool,
    pub(super) total: Totals,
    /// When the supervisor looks again, if nobody wakes it.
    pub(super) alarm: Option<Instant>,
    last_id: u64,
}

impl State {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            phase: Phase::Running,
            seats: BTreeMap::new(),
            line: VecDeque::new(),
            starts: Starts::new(settings.start_attempts),
            leaving: Vec::new(),
            forced: false,
            total: Totals::default(),
            alarm: None,
            last_id: 0,
        }
    }

    /// A number for a seat, a ticket or a flight that none had before.
    pub(super) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Counts a helper that did not come to serve, and has the next start wait.
    pub(super) fn start_failed(&mut self, error: StartError, now: Instant) {
        let cause = &error as &dyn std::error::Error;
        tracing::warn!(
            error = cause,
            monotonic_counter.helper_pool_start_failures = 1_u64,
            "a helper did not start"
        );
        self.total.start_failures += 1;
        self.starts.failed(error, now);
    }

    pub(super) fn serving(&self) -> impl Iterator<Item = (u64, &Serving)> {
        self.seats.iter().filter_map(|(id, seat)| match seat {
            Seat::Serving(serving) => Some((*id, serving)),
            Seat::Starting(_) => None,
        })
    }

    pub(super) fn serving_mut(&mut self) -> impl Iterator<Item = (u64, &mut Serving)> {
        self.seats.iter_mut().filter_map(|(id, seat)| match seat {
            Seat::Serving(serving) => Some((*id, serving)),
            Seat::Starting(_) => None,
        })
    }

    pub(super) fn at(&mut self, seat: u64) -> Option<&mut Serving> {
        match self.seats.get_mut(&seat) {
            Some(Seat::Serving(serving)) => Some(serving),
            _ => None,
        }
    }

    /// Takes a helper that serves out of its seat, which goes.
    pub(super) fn unseat(&mut self, seat: u64) -> Option<Serving> {
        self.at(seat)?;
        match self.seats.remove(&seat) {
            Some(Seat::Serving(serving)) => Some(serving),
            _ => None,
        }
    }

    /// Those that can be given calls, now or later.
    pub(super) fn census(&self) -> Census {
        let mut census = Census {
            starting: self.seats.len() - self.serving().count(),
            waiting: self.line.len(),
            ..Census::default()
        };
        for (_, serving) in self.serving().filter(|(_, serving)| serving.worn.is_none()) {
            if serving.is_idle() {
                census.idle += 1;
            } else {
                census.busy += 1;
            }
        }
        census
    }

    pub(super) fn stats(&self) -> Stats {
        let Census {
            starting,
            idle,
            busy,
            waiting,
        } = self.census();
        Stats {
            starting,
            idle,
            busy,
            waiting,
            total: self.total,
        }
    }

    /// The seat for the next call, or for a session, which has its helper to itself. What was used last comes first: what is
    /// not used at all can go.
    pub(super) fn pick(&self, for_session: bool, settings: &Settings) -> Option<u64> {
        let idle = || {
            self.serving()
                .filter(|(_, serving)| serving.is_idle() && serving.is_sound())
                .max_by_key(|(_, serving)| serving.idle_since)
        };
        let shared = || {
            self.serving()
                .filter(|(_, serving)| {
                    !serving.is_idle()
                        && !serving.in_session
                        && serving.flights.len() < settings.in_flight
                        && serving.is_sound()
                })
                .min_by_key(|(_, serving)| serving.flights.len())
        };
        let found = match self.census().busy < settings.count.most {
            true => idle(),
            false => None,
        };
        let found = match found {
            None if !for_session && settings.in_flight > 1 => shared(),
            found => found,
        };
        found.map(|(seat, _)| seat)
    }

    /// Whether calls are in flight, or sessions open.
    pub(super) fn is_at_work(&self) -> bool {
        self.serving().any(|(_, serving)| !serving.is_idle())
    }

    /// Takes a helper that nobody has out of its seat if it gets no further calls. What is returned is to be dropped without the
    /// lock, which kills it.
    pub(super) fn clear(
        &mut self,
        seat: u64,
        settings: &Settings,
        now: Instant,
    ) -> Option<Arc<Helper>> {
        let serving = self.at(seat)?;
        let worn = serving.worn.filter(|_| serving.is_idle())?;
        let serving = self.unseat(seat)?;
        match worn {
            Worn::Broken => Some(serving.helper),
            Worn::Recycled => {
                self.leave(serving.helper, settings, now);
                None
            }
        }
    }

    /// Lets a helper end by itself: the right to ask it has gone with its seat.
    pub(super) fn leave(&mut self, helper: Arc<Helper>, settings: &Settings, now: Instant) {
        let kill_at = now.checked_add(settings.exit_time).unwrap_or(now);
        self.leaving.push(Leaving { helper, kill_at });
    }

    /// Kills those that are not to live on.
    pub(super) fn kill_all(&mut self) {
        for seat in self.seats.values_mut() {
            match seat {
                Seat::Starting(Some(helper)) => helper.kill(),
                Seat::Starting(None) => {}
                Seat::Serving(serving) => serving.kill(Killed::Stopped),
            }
        }
    }
}
