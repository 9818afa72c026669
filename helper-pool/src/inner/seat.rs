//! A place for one helper, and what is in flight there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mach_interface::Client;

use crate::CancelToken;
use crate::helper::Helper;

/// A place for one helper.
#[derive(Debug)]
pub(super) enum Seat {
    /// Its helper does not serve yet. There is a process once it has been made.
    Starting(Option<Arc<Helper>>),
    /// Its helper serves.
    Serving(Serving),
}

/// A helper that serves.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) helper: Arc<Helper>,
    pub(super) client: Client,
    pub(super) flights: Vec<Flight>,
    pub(super) in_session: bool,
    /// Calls that have ended.
    pub(super) calls: u64,
    pub(super) idle_since: Instant,
    /// Set once it gets no further calls.
    pub(super) worn: Option<Worn>,
    /// Set once the pool has killed it.
    pub(super) killed: Option<Killed>,
}

/// Why a helper gets no further calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worn {
    /// It has served for long enough, and may end by itself.
    Recycled,
    /// It is not to be trusted any more, or gone.
    Broken,
}

/// Why the pool killed a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Killed {
    /// All calls that were in flight had been given up.
    GivenUp,
    /// It had too much memory.
    Memory { resident: u64, limit: u64 },
    /// For what it did to one of several calls.
    OtherCall,
    /// The pool was stopped.
    Stopped,
}

/// A call that a helper is at.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: u64,
    /// When it has taken too long, and how long that is.
    pub(super) until: Option<(Instant, Duration)>,
    pub(super) cancel: Option<CancelToken>,
    pub(super) given_up: Option<GivenUp>,
}

/// Why nobody waits for a call any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// It took longer than this.
    Late(Duration),
    /// Its caller said so.
    Cancelled,
}

impl Serving {
    pub(super) fn new(helper: Arc<Helper>, client: Client, now: Instant) -> Self {
        Self {
            helper,
            client,
            flights: Vec::new(),
            in_session: false,
            calls: 0,
            idle_since: now,
            worn: None,
            killed: None,
        }
    }

    /// Whether nobody has it.
    pub(super) fn is_idle(&self) -> bool {
        self.flights.is_empty() && !self.in_session
    }

    /// Whether it can be asked: by what is known, which is out of date if it ends at this moment.
    pub(super) fn is_alive(&self) -> bool {
        !self.helper.has_exited() && !self.client.right().is_dead()
    }

    /// Whether it is there for a call.
    pub(super) fn is_sound(&self) -> bool {
        self.worn.is_none() && self.is_alive()
    }

    pub(super) fn flight(&self, id: u64) -> Option<&Flight> {
        self.flights.iter().find(|flight| flight.id == id)
    }

    /// Kills the process. Whoever waits for an answer learns it at once.
    pub(super) fn kill(&mut self, why: Killed) {
        if self.killed.is_none() {
            self.killed = Some(why);
            self.worn = Some(Worn::Broken);
            self.helper.kill();
        }
    }
}

impl Flight {
    /// Gives the call up, if it is time.
    pub(super) fn look(&mut self, now: Instant) {
        if self.given_up.is_some() {
            return;
        }
        if self.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            self.given_up = Some(GivenUp::Cancelled);
        } else if let Some((time, deadline)) = self.until
            && now >= time
        {
            self.given_up = Some(GivenUp::Late(deadline));
        }
    }
}
