//! Volumes that come, go and change.

use std::sync::Arc;

use lock_service::state::{NewVolume, Why};

use crate::VolumeId;
use crate::daemon::{Daemon, Event};
use crate::settings::Settings;
use crate::sys;
use crate::watch::Watching;

impl Daemon {
    /// Compares what there is with what was there. What was left alone is looked at anew only if `anew`.
    pub(super) fn look_for_volumes(&mut self, anew: bool) {
        let known = self.table.lock().roots();
        let mounted = match sys::mounts(&known) {
            Ok(mounted) => mounted,
            Err(error) => {
                return tracing::error!(%error, "what is mounted cannot be known");
            }
        };
        let (changes, at_once) = {
            let mut table = self.table.lock();
            (table.scan(&mounted, anew), table.schedule.appeared())
        };
        for id in changes.gone {
            tracing::info!(%id, "a volume is gone");
            self.watching.remove(&id);
            self.locks.handle().volume_disappeared(id);
        }
        for (id, name) in changes.appeared {
            let name = name.into();
            self.locks.handle().volume_appeared(NewVolume { id, name });
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
