//! The threads behind a pool, and its end.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use launcher::Launcher;
use mach_interface::describe::Interface;
use parking_lot::{Condvar, Mutex};

use crate::builder::Prepare;
use crate::helper::Reader;
use crate::inner::Shared;
use crate::inner::state::{Phase, State};
use crate::serve::THREADS;
use crate::settings::{Settings, Stderr};
use crate::{BuildError, Stats};

/// A pool, whatever its interface.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) shared: Arc<Shared>,
    supervisor: Option<JoinHandle<()>>,
}

impl Pool {
    pub(crate) fn start(
        mut launcher: Launcher,
        prepare: Prepare,
        settings: Settings,
        interface: &'static Interface,
    ) -> Result<Self, BuildError> {
        let reader = match settings.stderr {
            Stderr::Inherit => None,
            Stderr::PassOn | Stderr::Keep => Some(Reader::new().map_err(BuildError::Thread)?),
        };
        launcher.env(THREADS, settings.in_flight.to_string());
        let shared = Arc::new(Shared {
            interface,
            launcher: Mutex::new(launcher),
            prepare: Mutex::new(prepare),
            reader: reader.map(Arc::new),
            state: Mutex::new(State::new(&settings)),
            settings,
            turn: Condvar::new(),
            work: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        let supervisor = thread::Builder::new()
            .name("helper-pool".to_owned())
            .spawn(move || of_thread.supervise())
            .map_err(BuildError::Thread)?;
        Ok(Self {
            shared,
            supervisor: Some(supervisor),
        })
    }

    pub(crate) fn stats(&self) -> Stats {
        self.shared.state.lock().stats()
    }

    /// Kills all helpers, and waits until they are gone.
    pub(crate) fn end(&mut self) {
        self.shared.state.lock().phase = Phase::Dropped;
        self.shared.nudge_all();
        if let Some(supervisor) = self.supervisor.take()
            && supervisor.join().is_err()
        {
            tracing::error!("a pool's supervisor has panicked");
        }
    }
}
