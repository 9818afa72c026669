//! Looking for volumes: by one thread at a time, without anything else being locked.

use std::io;
use std::sync::Arc;

use lock_service::ServiceHandle;
use lock_service::state::NewVolume;
use parking_lot::Mutex;

use crate::VolumeId;
use crate::daemon::Event;
use crate::sys;
use crate::table::{Places, Table};

/// What a look for volumes has come to.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(super) gone: Vec<VolumeId>,
    pub(super) appeared: Vec<VolumeId>,
}

#[derive(Clone)]
pub(super) struct Scan {
    table: Arc<Mutex<Table>>,
    /// Whose turn it is. What is found counts before the next one looks what there is.
    turn: Arc<Mutex<()>>,
}

impl Scan {
    pub(super) fn new(table: &Arc<Mutex<Table>>) -> Self {
        Self {
            table: Arc::clone(table),
            turn: Arc::default(),
        }
    }

    /// Compares what there is with what was there, and tells the lock service: the volumes that are gone, and those that have
    /// appeared. What was left alone is looked at anew only if `anew`.
    pub(super) fn all(&self, locks: &ServiceHandle, anew: bool) -> io::Result<Changes> {
        let _turn = self.turn.lock();
        let now = self.places()?;
        let gone = self.table.lock().drop_gone(&now);
        for id in &gone {
            tracing::info!(%id, "a volume is gone");
            locks.volume_disappeared(*id);
        }
        let new = self.look(now, anew);
        let appeared = new.iter().map(|volume| volume.id).collect();
        for volume in new {
            locks.volume_appeared(volume);
        }
        Ok(Changes { gone, appeared })
    }

    /// Looks anew at all places that were left alone, and at new ones, and tells the lock service that has asked for it. What is
    /// gone stays until it is noticed.
    pub(super) fn survey(&self, locks: &ServiceHandle) {
        let _turn = self.turn.lock();
        let appeared = match self.places() {
            Ok(now) => self.look(now, true),
            Err(error) => {
                tracing::error!(%error, "what is mounted cannot be known");
                Vec::new()
            }
        };
        for volume in &appeared {
            self.table.lock().tell(Event::Rewatch(volume.id));
        }
        locks.surveyed(appeared);
    }

    fn places(&self) -> io::Result<Places> {
        let (known, settings) = {
            let table = self.table.lock();
            (table.roots(), Arc::clone(&table.settings))
        };
        let mounts = sys::mounts(&known)?;
        Ok(Places::all(&settings, mounts))
    }

    fn look(&self, now: Places, anew: bool) -> Vec<NewVolume> {
        let (unseen, settings) = {
            let table = self.table.lock();
            (table.unseen(now, anew), Arc::clone(&table.settings))
        };
        let found = unseen.look(&settings.descriptions);
        let appeared = self.table.lock().insert_found(found).into_iter();
        let new = |(id, name): (VolumeId, String)| NewVolume {
            id,
            name: name.into(),
        };
        appeared.map(new).collect()
    }
}
