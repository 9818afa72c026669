//! Helpers at work on volumes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use launcher::Child;

use crate::VolumeId;
use crate::beneath::Root;
use crate::daemon::Event;
use crate::description::Description;
use crate::record::{self, Record, RecordError};
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

/// Stamps to be written.
pub(crate) struct Writing {
    id: VolumeId,
    pid: i32,
    root: PathBuf,
    device: u64,
    built_of: Record,
    description: Description,
}

impl Writing {
    /// Writes them. The table is not locked meanwhile: a file system may take its time.
    pub(crate) fn write(&self) -> Result<(), RecordError> {
        let root = Root::open(&self.root)?;
        if root.device() != self.device {
            return Ok(()); // it has just been unmounted
        }
        record::write(&root, &self.description, &self.built_of)
    }
}

impl Table {
    /// The helper with that pid says that it is done, and well: what it takes to have the stamps say so. `None` if it is another
    /// volume by now.
    pub(crate) fn begin_write(&mut self, id: VolumeId, pid: i32) -> Option<Writing> {
        let building = self.helpers.get(&pid)?;
        let found = &self.volumes.get(&id)?.found;
        if building.volume != id || building.device != found.device {
            return None;
        }
        let writing = Writing {
            id,
            pid,
            root: found.root.clone(),
            device: building.device,
            built_of: building.built_of.clone(),
            description: building.description.clone(),
        };
        self.writing += 1;
        Some(writing)
    }

    /// The stamps have been written, or could not be.
    pub(crate) fn end_write(&mut self, writing: &Writing, written: Result<(), RecordError>) {
        self.writing -= 1;
        self.tell(Event::Written);
        let Writing { id, pid, root, .. } = writing;
        let volume = self.volumes.get_mut(id);
        let Some(volume) = volume.filter(|volume| volume.found.root == *root) else {
            return;
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
