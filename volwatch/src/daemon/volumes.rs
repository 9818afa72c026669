//! Volumes that come, go and change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lock_service::state::Why;

use crate::VolumeId;
use crate::daemon::apart::apart;
use crate::daemon::scan::Changes;
use crate::daemon::{Daemon, Event};
use crate::settings::Settings;
use crate::watch::{WatchError, Watching};

/// Whether volumes are being looked for.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Scanning {
    #[default]
    No,
    Yes,
    /// They are, and there is to be another look.
    Again {
        anew: bool,
    },
}

/// A volume that begins to be watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning {
    /// It has appeared just now.
    is_new: bool,
    /// There is to be another beginning.
    again: bool,
}

impl Daemon {
    /// Has it compared what there is with what was there. What was left alone is looked at anew only if `anew`.
    pub(super) fn look_for_volumes(&mut self, anew: bool) {
        self.scanning = match self.scanning {
            Scanning::No => {
                let (scan, locks, events) =
                    (self.scan.clone(), self.locks.handle(), self.sender.clone());
                let begun = apart("scan", move || {
                    drop(events.send(Event::Scanned(scan.all(&locks, anew))));
                });
                if begun { Scanning::Yes } else { Scanning::No }
            }
            Scanning::Yes => Scanning::Again { anew },
            Scanning::Again { anew: before } => Scanning::Again {
                anew: anew || before,
            },
        };
    }

    /// It is known which volumes have come and gone.
    pub(super) fn scanned(&mut self, changes: io::Result<Changes>) {
        match changes {
            Ok(Changes { gone, appeared }) => {
                for id in gone {
                    self.watching.remove(&id);
                }
                for id in appeared {
                    self.watch(id, true);
                }
            }
            Err(error) => tracing::error!(%error, "what is mounted cannot be known"),
        }
        if let Scanning::Again { anew } = std::mem::take(&mut self.scanning) {
            self.look_for_volumes(anew);
        }
    }

    /// Has a volume watched, or watched anew, by what its description names by now. Then it is looked at: something may have
    /// changed before.
    pub(super) fn watch(&mut self, id: VolumeId, is_new: bool) {
        if let Some(beginning) = self.beginning.get_mut(&id) {
            beginning.is_new |= is_new;
            beginning.again = true;
            return;
        }
        let Some(begin) = self.beginning_of(id) else {
            self.watching.remove(&id);
            return;
        };
        let events = self.sender.clone();
        let begun = apart("watch", move || {
            let (root, watching) = begin();
            drop(events.send(Event::Watching { id, root, watching }));
        });
        if begun {
            let again = false;
            self.beginning.insert(id, Beginning { is_new, again });
        }
    }

    /// Watches a volume that is there at the start, before the first look at it.
    pub(super) fn watch_at_start(&mut self, id: VolumeId) {
        if let Some(begin) = self.beginning_of(id) {
            let (_, watching) = begin();
            self.keep(id, watching);
        }
    }

    /// What begins to watch a volume, and says at which root; `None` if it is gone.
    fn beginning_of(
        &self,
        id: VolumeId,
    ) -> Option<impl FnOnce() -> (PathBuf, Result<Watching, WatchError>) + Send + use<>> {
        let (root, description) = {
            let table = self.table.lock();
            let found = &table.volumes.get(&id)?.found;
            (found.root.clone(), found.description.clone())
        };
        let events = self.sender.clone();
        Some(move || {
            let tell = move |noticed| drop(events.send(Event::Noticed(noticed)));
            let watching = Watching::begin(id, &root, &description, tell);
            (root, watching)
        })
    }

    /// A volume is watched, or cannot be.
    pub(super) fn watched(
        &mut self,
        id: VolumeId,
        root: &Path,
        watching: Result<Watching, WatchError>,
    ) {
        let beginning = self.beginning.remove(&id);
        let is_new = beginning.is_some_and(|beginning| beginning.is_new);
        let is_it = {
            let table = self.table.lock();
            let volume = table.volumes.get(&id);
            volume.is_some_and(|volume| volume.found.root == root)
        };
        if !is_it {
            return self.watch(id, is_new);
        }
        self.keep(id, watching);
        if beginning.is_some_and(|beginning| beginning.again) {
            self.watch(id, false);
        }
        if is_new && self.table.lock().schedule.appeared() {
            self.check(id, Why::Appeared);
        } else {
            self.changed(id);
        }
    }

    fn keep(&mut self, id: VolumeId, watching: Result<Watching, WatchError>) {
        let unwatched = match watching {
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
