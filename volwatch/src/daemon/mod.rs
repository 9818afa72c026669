//! The daemon: volumes, locks and helpers together.
//!
//! One thread, [`run`](Daemon::run), does what events and timers call for. The lock service answers on a thread of its own
//! and asks the table of volumes. What asks a file system has a thread for as long as that takes, so that one which hangs
//! holds up nobody's lock; other threads only tell what they notice.

mod apart;
mod commands;
mod control;
mod event;
mod follow;
mod helper;
mod inhibitor;
mod mounts;
mod owners;
mod plug;
mod report;
mod run;
mod scan;
mod start;
mod stop;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use lock_service::LockService;
use parking_lot::Mutex;

use crate::VolumeId;
use crate::table::Table;
use crate::watch::Watching;

pub use event::DaemonHandle;
pub(crate) use event::Event;
pub(crate) use inhibitor::Delay;
pub use start::StartError;

/// A daemon that has been started and is to be [run](Self::run). Dropping it stops it.
pub struct Daemon {
    table: Arc<Mutex<Table>>,
    scan: scan::Scan,
    locks: LockService,
    scanning: volumes::Scanning,
    watching: BTreeMap<VolumeId, Watching>,
    /// The volumes that begin to be watched.
    beginning: BTreeMap<VolumeId, volumes::Beginning>,
    _mounts: mounts::Following,
    _inhibiting: inhibitor::Inhibiting,
    events: Receiver<Event>,
    sender: Sender<Event>,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon")
            .field("locks", &self.locks)
            .finish_non_exhaustive()
    }
}
