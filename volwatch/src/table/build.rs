//! Helpers at work on volumes.

use std::sync::Arc;
use std::time::Instant;

use launcher::Child;

use crate::VolumeId;
use crate::beneath::Root;
use crate::description::Description;
use crate::record::{self, Record};
use crate::table::Table;

/// A helper at work, and what the sources were when it began.
pub(crate) struct Building {
    pub(crate) volume: VolumeId,
    pub(crate) child: Arc<Child>,
    /// When it is killed.
    pub(crate) until: Instant,
    pub(crate) killed: bool,
    /// The device that the volume was on.
    pub(crate) device: u64,
    pub(crate) built_of: Record,
    pub(crate) description: Description,
}

impl Table {
    /// The helper with that pid says that it is done, and well: the stamps say so from now on.
    pub(crate) fn succeeded(&mut self, id: VolumeId, pid: i32) {
        let (volume, building) = (self.volumes.get_mut(&id), self.helpers.get(&pid));
        let (Some(volume), Some(building)) = (volume, building) else {
            return; // somebody else has locked it and was at work
        };
        let written = match Root::open(&volume.found.root) {
            Ok(root) if building.volume != id || root.device() != building.device => return,
            Ok(root) => record::write(&root, &building.description, &building.built_of),
            Err(error) => Err(error.into()),
        };
        let trouble = written
            .err()
            .map(|error| format!("its stamps cannot be written: {error:?}"));
        volume.set_trouble(trouble);
        let name = &volume.found.name;
        tracing::info!(%id, name, pid, "the volume is rebuilt");
    }

    /// The helpers at work.
    pub(crate) fn children(&self) -> Vec<Arc<Child>> {
        let helpers = self.helpers.values();
        helpers.map(|helper| Arc::clone(&helper.child)).collect()
    }

    /// When the next helper is to be killed.
    pub(crate) fn next_kill(&self) -> Option<Instant> {
        let helpers = self.helpers.values().filter(|helper| !helper.killed);
        helpers.map(|helper| helper.until).min()
    }

    /// The helpers whose time is over.
    pub(crate) fn overdue(&mut self, now: Instant) -> Vec<Arc<Child>> {
        let mut overdue = Vec::new();
        for (pid, helper) in &mut self.helpers {
            if helper.until <= now && !helper.killed {
                helper.killed = true;
                tracing::warn!(id = %helper.volume, pid, "the helper does not end: it is killed");
                overdue.push(Arc::clone(&helper.child));
            }
        }
        overdue
    }
}
