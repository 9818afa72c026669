//! Volumes that come, go and change.

use std::sync::Arc;

use lock_service::state::Why;

use crate::VolumeId;
use crate::daemon::{Daemon, Event};
use crate::settings::Settings;
use crate::watch::Watching;

impl Daemon {
    /// Compares what there is with what was there. What was left alone is looked at anew only if `anew`.
    pub(super) fn look_for_volumes(&mut self, anew: bool) {
        let (gone, appeared) = match self.scan.all(&self.locks.handle(), anew) {
            Ok(changes) => changes,
            Err(error) => {
                return tracing::error!(%error, "what is mounted cannot be known");
            }
        };
        for id in gone {
            self.watching.remove(&id);
        }
        let at_once = self.table.lock().schedule.appeared();
        for id in appeared {
            self.watch(id);
            if at_once {
                self.check(id, Why::Appeared);
            }
        }
    }

    /// Watches a volume, or watches anew what its description names by now.
    pub(super) fn watch(&mut self, id: VolumeId) {
        let place = {
            let table = self.table.lock();
            let volume = table.volumes.get(&id);
            volume.map(|volume| (volume.found.root.clone(), volume.found.description.clone()))
        };
        let Some((root, description)) = place else {
            self.watching.remove(&id);
            return;
        };
        let events = self.sender.clone();
        let tell = move |noticed| drop(events.send(Event::Noticed(noticed)));
        let unwatched = match Watching::begin(id, &root, &description, tell) {
            Ok(watching) => {
                self.watching.insert(id, watching);
                None
            }
            Err(error) => {
                self.watching.remove(&id);
                tracing::error!(%id, ?error, "changes of the volume are not noticed");
                Some(format!("its changes are not noticed: {error:?}"))
            }
        };
        if let Some(volume) = self.table.lock().volumes.get_mut(&id) {
            volume.unwatched = unwatched;
        }
    }

    /// Goes on with another configuration.
    pub(super) fn reload(&mut self, settings: Settings) {
        {
            let mut table = self.table.lock();
            if table.settings.service != settings.service {
                tracing::warn!("the daemon's name changes when it is started anew");
            }
            table.schedule.set_times(settings.settle_times());
            table.settings = Arc::new(settings);
        }
        tracing::info!("the configuration has been read");
        self.look_for_volumes(true);
    }
}
