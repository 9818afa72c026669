//! What all clones of a pool share, whatever its interface.
//!
//! Calls run on their callers' threads: [`acquire`] gives them a helper, [`conclude`] takes it back and says what became of the
//! call. One thread, the [`supervisor`], minds time, memory and the number of helpers; each start has a thread of its own
//! ([`starter`]). What they all decide by is in [`state`], behind one lock under which nobody waits.

mod acquire;
mod conclude;
mod demand;
mod pool;
mod seat;
mod starter;
mod starts;
mod state;
mod stop;
mod supervisor;
mod verdict;

use std::sync::Arc;

use launcher::Launcher;
use mach_interface::describe::Interface;
use parking_lot::{Condvar, Mutex};

pub(crate) use acquire::{InFlight, Lease};
pub(crate) use pool::Pool;

use crate::builder::Prepare;
use crate::helper::Reader;
use crate::inner::state::State;
use crate::settings::Settings;

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    interface: &'static Interface,
    launcher: Mutex<Launcher>,
    prepare: Mutex<Prepare>,
    reader: Option<Arc<Reader>>,
    state: Mutex<State>,
    /// Something has changed that callers wait for: a helper is free, or none will be.
    turn: Condvar,
    /// Something has changed that the supervisor minds.
    work: Condvar,
}

impl Shared {
    /// Has the supervisor look again.
    fn nudge(&self) {
        // It holds the lock from when it looks until it waits.
        drop(self.state.lock());
        self.work.notify_one();
    }

    /// Has everybody look again.
    pub(crate) fn nudge_all(&self) {
        self.nudge();
        self.turn.notify_all();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
