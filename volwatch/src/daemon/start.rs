//! Starting.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use lock_service::LockService;
use lock_service::state::Policy;
use mach_ports::bootstrap::{self, BootstrapError};
use parking_lot::Mutex;

use crate::daemon::control::{Control, ControlServer};
use crate::daemon::plug::{Observer, Plug};
use crate::daemon::scan::Scan;
use crate::daemon::volumes::Scanning;
use crate::daemon::{Daemon, DaemonHandle, inhibitor, mounts};
use crate::settings::Settings;
use crate::sys;
use crate::table::Table;

/// Why a daemon could not be started.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another daemon has the name.
    #[error("another daemon runs as {0:?}")]
    Running(String),
    /// The name cannot be had.
    #[error("the daemon cannot be found by its name")]
    Name(#[source] BootstrapError),
    /// This process is short of ports.
    #[error("no port could be made")]
    Port(#[from] mach_ports::Error),
    /// The lock service could not be started.
    #[error(transparent)]
    Locks(#[from] lock_service::StartError),
    /// This process is short of threads.
    #[error("no thread could be made")]
    Threads(#[source] std::io::Error),
    /// What is mounted cannot be known.
    #[error("what is mounted cannot be known")]
    Mounts(#[source] std::io::Error),
}

mach_ports::debug_with_causes!(StartError);

impl Daemon {
    /// Checks in under its name, looks for volumes, and lets them be locked.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let port = bootstrap::check_in(&settings.service)
            .map_err(|error| refused(&settings.service, error))?;
        // Before the first look, so that no change is missed.
        let changes = sys::MountChanges::new().map_err(StartError::Mounts)?;

        let (sender, events) = channel();
        let table = Table::new(settings, Instant::now(), sender.clone());
        let table = Arc::new(Mutex::new(table));
        let handle = Arc::new(OnceLock::new());
        let scan = Scan::new(&table);
        let user = nix::unistd::geteuid().as_raw();
        let mut observer = Observer(Arc::clone(&table));
        let locks = LockService::builder()
            .policy(Policy::new().user(user))
            .volumes(Plug::new(
                Arc::clone(&table),
                scan.clone(),
                Arc::clone(&handle),
                port.make_send()?,
            ))
            .observer(move |event| observer.observe(event))
            .subsystem(ControlServer::new(Control::new(
                Arc::clone(&table),
                Arc::clone(&handle),
                user,
            )))
            .port(port)
            .start()?;
        let _ = handle.set(locks.handle()); // nobody else sets it

        let found = scan
            .all(&locks.handle(), true)
            .map_err(StartError::Mounts)?;
        locks.handle().set_ready();
        let following = mounts::follow(changes, sender.clone()).map_err(StartError::Mounts)?;
        let inhibiting = inhibitor::begin(&table, locks.right()).map_err(StartError::Threads)?;
        let mut daemon = Self {
            table,
            scan,
            locks,
            scanning: Scanning::default(),
            watching: BTreeMap::new(),
            beginning: BTreeMap::new(),
            _mounts: following,
            _inhibiting: inhibiting,
            events,
            sender,
        };
        for id in found.appeared {
            daemon.watch_at_start(id);
        }
        Ok(daemon)
    }

    /// What tells the daemon to end.
    #[must_use]
    pub fn handle(&self) -> DaemonHandle {
        DaemonHandle(self.sender.clone())
    }
}

/// Why there is no name: somebody else may answer by it.
fn refused(service: &str, error: BootstrapError) -> StartError {
    match bootstrap::look_up(service) {
        Ok(_) => StartError::Running(service.to_owned()),
        Err(_) => StartError::Name(error),
    }
}
