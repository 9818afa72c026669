//! Looking at a volume. The table is not locked meanwhile: a file system may take its time.

use std::path::PathBuf;

use crate::VolumeId;
use crate::beneath::Root;
use crate::daemon::Event;
use crate::description::{self, Description};
use crate::record::{self, Record, RecordError};
use crate::table::Table;

/// Whether stamps count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A volume is rebuilt if it is stale.
    Stale,
    /// It is rebuilt in any case.
    Forced,
}

/// What there is to do for a volume.
#[derive(Debug)]
pub(crate) enum Looked {
    /// Nothing, or nothing that can be done.
    Fine,
    /// It is to be rebuilt, of these sources.
    Rebuild(Record, Description),
}

/// A volume that is looked at.
#[derive(Debug)]
pub(crate) struct Looking {
    id: VolumeId,
    root: PathBuf,
    device: u64,
    names: Vec<PathBuf>,
    reason: Reason,
}

/// What was seen of it.
#[derive(Debug)]
pub(crate) struct Seen {
    /// If it could be read.
    description: Option<Description>,
    trouble: Option<String>,
    looked: Looked,
}

impl Looking {
    /// Reads a volume's description, and compares its stamps. `None` if it has just been unmounted.
    pub(crate) fn look(&self) -> Option<Seen> {
        let troubled = |trouble| {
            Some(Seen {
                description: None,
                trouble: Some(trouble),
                looked: Looked::Fine,
            })
        };
        let root = match Root::open(&self.root) {
            Ok(root) if root.device() == self.device => root,
            Ok(_) => return None,
            Err(error) => return troubled(format!("{error:?}")),
        };
        let description = match description::load(&root, &self.names) {
            Ok(Some(description)) => description,
            Ok(None) => return troubled("its description is gone".to_owned()),
            Err(error) => return troubled(format!("its description is refused: {error:?}")),
        };
        let (trouble, built_of) = match look_at(&root, &description, self.reason) {
            Ok(built_of) => (None, built_of),
            Err(error) => (Some(format!("{error:?}")), None),
        };
        let rebuild = |built_of| Looked::Rebuild(built_of, description.clone());
        Some(Seen {
            trouble,
            looked: built_of.map_or(Looked::Fine, rebuild),
            description: Some(description),
        })
    }
}

/// What a volume is to be rebuilt of, if it is.
fn look_at(
    root: &Root,
    description: &Description,
    reason: Reason,
) -> Result<Option<Record>, RecordError> {
    if reason == Reason::Stale {
        match record::stale(root, description)? {
            Some(stamp) => tracing::debug!(stamp = %stamp.display(), "stale"),
            None => return Ok(None),
        }
    }
    record::sources(root, description).map(Some)
}

impl Table {
    /// What it takes to look at a volume; `None` if there is none, or nothing is to be done any more.
    pub(crate) fn begin_look(&self, id: VolumeId, reason: Reason) -> Option<Looking> {
        let volume = self.volumes.get(&id).filter(|_| !self.ending)?;
        Some(Looking {
            id,
            root: volume.found.root.clone(),
            device: volume.found.device,
            names: self.settings.descriptions.clone(),
            reason,
        })
    }

    /// Remembers what was seen of a volume, if it is still that one.
    pub(crate) fn note(&mut self, looking: &Looking, seen: Seen) -> Looked {
        let Looking {
            id, root, device, ..
        } = looking;
        let volume = self.volumes.get_mut(id);
        let is_it = |volume: &&mut super::Volume| {
            (&volume.found.root, &volume.found.device) == (root, device)
        };
        let Some(volume) = volume.filter(is_it) else {
            return Looked::Fine;
        };
        volume.set_trouble(seen.trouble);
        if let Some(description) = seen.description
            && description != volume.found.description
        {
            tracing::info!(%id, name = volume.found.name, "the description has changed");
            volume.found.description = description;
            self.tell(Event::Rewatch(*id));
        }
        seen.looked
    }
}
