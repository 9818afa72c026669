//! What the lock service asks about volumes, and what it tells.
//!
//! It is locked meanwhile, so nothing here calls it.

use std::panic::catch_unwind;
use std::sync::{Arc, OnceLock};

use lock_service::state::{Checked, Event as LockEvent, Happening, NewVolume, Why};
use lock_service::{Resource, ServiceHandle, Volumes};
use mach_ports::SendRight;
use parking_lot::Mutex;

use crate::VolumeId;
use crate::daemon::apart::apart;
use crate::daemon::owners::{self, Owned};
use crate::daemon::scan::Scan;
use crate::daemon::{Event, helper};
use crate::table::{Looked, Pin, Reason, Table};

pub(super) struct Plug {
    table: Arc<Mutex<Table>>,
    scan: Scan,
    /// Set before the first question can come.
    locks: Arc<OnceLock<ServiceHandle>>,
    /// The right to the lock service that helpers are given.
    service: SendRight,
    /// How often something has begun that takes its time.
    begun: u64,
}

impl Plug {
    pub(super) const fn new(
        table: Arc<Mutex<Table>>,
        scan: Scan,
        locks: Arc<OnceLock<ServiceHandle>>,
        service: SendRight,
    ) -> Self {
        Self {
            table,
            scan,
            locks,
            service,
            begun: 0,
        }
    }
}

impl Volumes for Plug {
    fn check(&mut self, volume: VolumeId, why: Why) -> Checked {
        let reason = match why {
            Why::Forced => Reason::Forced,
            _ => Reason::Stale,
        };
        let looking = {
            let table = self.table.lock();
            // Nothing could be launched, so there is nothing to wait for.
            let is_idle = table.settings.helper.is_none();
            if is_idle && matches!(why, Why::Shutdown | Why::Unmount) {
                return Checked::Clean;
            }
            table.begin_look(volume, reason)
        };
        let (Some(looking), Some(locks)) = (looking, self.locks.get().cloned()) else {
            return Checked::Clean;
        };
        self.begun += 1;
        let look = self.begun;
        let (table, service) = (Arc::clone(&self.table), self.service.clone());
        let begun = apart("look", move || {
            // What it says is the volume's: not even a parser's mistake may leave it being looked at for ever.
            let seen = catch_unwind(|| looking.look()).ok().flatten();
            let looked = match seen {
                Some(seen) => table.lock().note(&looking, seen),
                None => Looked::Fine,
            };
            locks.looked(volume, look, || match looked {
                Looked::Fine => Checked::Clean,
                Looked::Rebuild(built_of, description) => {
                    let mut table = table.lock();
                    helper::launch(&mut table, volume, built_of, description, &service)
                }
            });
        });
        if begun {
            Checked::Looking(look)
        } else {
            Checked::Clean
        }
    }

    fn finish(&mut self, id: VolumeId, pid: i32) -> Option<u64> {
        let locks = self.locks.get().cloned()?;
        let writing = self.table.lock().begin_write(id, pid)?;
        self.begun += 1;
        let (number, table) = (self.begun, Arc::clone(&self.table));
        let begun = apart("stamps", move || {
            let written = writing.write();
            table.lock().end_write(&writing, written);
            locks.finished(id, number);
        });
        if !begun {
            self.table.lock().writing -= 1;
        }
        begun.then_some(number)
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

    fn survey(&mut self) -> Option<Vec<NewVolume>> {
        let (scan, locks) = (self.scan.clone(), self.locks.get().cloned()?);
        let begun = apart("survey", move || scan.survey(&locks));
        (!begun).then(Vec::new)
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
            (Happening::Ended(_), Some(id)) => {
                let mut table = self.0.lock();
                if table.take_again(id) {
                    table.tell(Event::Released(id));
                }
            }
            (Happening::Ended(_), None) => self.0.lock().tell_all_again(),
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
