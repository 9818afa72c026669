//! What the lock service asks about volumes, and what it tells.
//!
//! It is locked meanwhile, so nothing here calls it.

use std::sync::Arc;

use lock_service::state::{Checked, End, Event as LockEvent, Happening, NewVolume, Why};
use lock_service::{Resource, Volumes};
use mach_ports::SendRight;
use parking_lot::Mutex;

use crate::VolumeId;
use crate::daemon::owners::{self, Owned};
use crate::daemon::{Event, helper};
use crate::sys;
use crate::table::{Looked, Pin, Reason, Table};

pub(super) struct Plug {
    table: Arc<Mutex<Table>>,
    /// The right to the lock service that helpers are given.
    service: SendRight,
}

impl Plug {
    pub(super) const fn new(table: Arc<Mutex<Table>>, service: SendRight) -> Self {
        Self { table, service }
    }
}

impl Volumes for Plug {
    fn check(&mut self, volume: VolumeId, why: Why) -> Checked {
        let mut table = self.table.lock();
        if table.ending {
            return Checked::Clean;
        }
        let reason = match why {
            Why::Forced => Reason::Forced,
            _ => Reason::Stale,
        };
        match table.look(volume, reason) {
            Looked::Fine => Checked::Clean,
            Looked::Rebuild(built_of, description) => {
                helper::launch(&mut table, volume, built_of, description, &self.service)
            }
        }
    }

    fn set_owners(&mut self, id: VolumeId, on: bool) {
        let (settings, owned) = {
            let mut table = self.table.lock();
            let settings = Arc::clone(&table.settings);
            let Some(volume) = table.volumes.get_mut(&id) else {
                return;
            };
            if on {
                volume.pin = Pin::new(&volume.found);
            }
            let owned = Owned {
                id,
                name: volume.found.name.clone(),
                root: volume.found.root.clone(),
                was_set: volume.owners_set,
            };
            (settings, owned)
        };
        // Not with the table locked: a command may take its time.
        let is_set = owners::set(&settings.owners, &owned, on);
        if let Some(volume) = self.table.lock().volumes.get_mut(&id) {
            volume.owners_set = is_set;
            if !on {
                volume.pin = None;
            }
        }
    }

    fn survey(&mut self) -> Vec<NewVolume> {
        let known = self.table.lock().roots();
        let mounted = match sys::mounts(&known) {
            Ok(mounted) => mounted,
            Err(error) => {
                tracing::error!(%error, "what is mounted cannot be known");
                return Vec::new();
            }
        };
        let found = self.table.lock().survey(&mounted);
        found
            .into_iter()
            .map(|(id, name)| NewVolume {
                id,
                name: name.into(),
            })
            .collect()
    }
}

/// Hears what happens to locks.
pub(super) struct Observer(pub(super) Arc<Mutex<Table>>);

impl Observer {
    pub(super) fn observe(&mut self, event: &LockEvent) {
        let id = match &event.resource {
            Some(Resource::Id(id)) => Some(*id),
            _ => None,
        };
        match (event.happening, id) {
            (Happening::Locked(_), _) => self.check_in(event.pid),
            (Happening::Ended(end), Some(id)) => {
                let mut table = self.0.lock();
                if end == End::Unlocked(0) {
                    table.succeeded(id, event.pid);
                }
                if table.take_again(id) {
                    table.tell(Event::Released(id));
                }
            }
            (Happening::Failed(failures), Some(id)) => {
                let name = self.name(id);
                tracing::warn!(%id, name, failures, "a rebuild has failed");
            }
            (Happening::Recovered(failures), Some(id)) => {
                let name = self.name(id);
                tracing::info!(%id, name, failures, "a rebuild has succeeded again");
            }
            _ => {}
        }
    }

    /// The first lock may be that of an updater that is expected at boot.
    fn check_in(&self, pid: i32) {
        let mut table = self.0.lock();
        if !table.checked_in && table.settings.boot_updater && table.schedule.is_starting() {
            tracing::info!(pid, "the boot updater has checked in");
        }
        table.checked_in = true;
    }

    fn name(&self, id: VolumeId) -> String {
        let table = self.0.lock();
        let volume = table.volumes.get(&id);
        volume
            .map(|volume| volume.found.name.clone())
            .unwrap_or_default()
    }
}
