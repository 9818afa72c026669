//! Looking at a volume.

use crate::VolumeId;
use crate::beneath::Root;
use crate::daemon::Event;
use crate::description::{self, Description};
use crate::record::{self, Record};
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

impl Table {
    /// Reads a volume's description if it has changed, and compares its stamps.
    pub(crate) fn look(&mut self, id: VolumeId, reason: Reason) -> Looked {
        let names = self.settings.descriptions.clone();
        let Some(volume) = self.volumes.get_mut(&id) else {
            return Looked::Fine;
        };
        let root = match Root::open(&volume.found.root) {
            Ok(root) if root.device() == volume.found.device => root,
            // It has just been unmounted.
            Ok(_) => return Looked::Fine,
            Err(error) => {
                volume.set_trouble(Some(format!("{error:?}")));
                return Looked::Fine;
            }
        };
        let description = match description::load(&root, &names) {
            Ok(Some(description)) => description,
            Ok(None) => {
                volume.set_trouble(Some("its description is gone".to_owned()));
                return Looked::Fine;
            }
            Err(error) => {
                volume.set_trouble(Some(format!("its description is refused: {error:?}")));
                return Looked::Fine;
            }
        };
        let changed = volume.found.description != description;
        if changed {
            tracing::info!(%id, name = volume.found.name, "the description has changed");
            volume.found.description = description.clone();
        }
        let looked = look_at(&root, &description, reason);
        let trouble = looked.as_ref().err().map(|error| format!("{error:?}"));
        volume.set_trouble(trouble);
        if changed {
            self.tell(Event::Rewatch(id));
        }
        match looked {
            Ok(Some(built_of)) => Looked::Rebuild(built_of, description),
            Ok(None) | Err(_) => Looked::Fine,
        }
    }
}

/// What a volume is to be rebuilt of, if it is.
fn look_at(
    root: &Root,
    description: &Description,
    reason: Reason,
) -> Result<Option<Record>, record::RecordError> {
    if reason == Reason::Stale {
        match record::stale(root, description)? {
            Some(stamp) => tracing::debug!(stamp = %stamp.display(), "stale"),
            None => return Ok(None),
        }
    }
    record::sources(root, description).map(Some)
}
