//! Owners: they count while somebody holds a volume.

use std::path::PathBuf;

use crate::VolumeId;
use crate::daemon::commands;
use crate::settings::{Owners, Place};
use crate::sys;

/// A volume, as commands are told of it.
pub(super) struct Owned {
    pub(super) id: VolumeId,
    pub(super) name: String,
    pub(super) root: PathBuf,
    /// Whether the system itself has had them count, which they did not before.
    pub(super) was_set: bool,
}

/// Has owners count for a holder (`on`), or be again what they were. Whether the system itself has them count now.
pub(super) fn set(owners: &Owners, volume: &Owned, on: bool) -> bool {
    let Owned { id, name, root, .. } = volume;
    let mut is_set = volume.was_set;
    if on != volume.was_set {
        match sys::set_owners(root, on) {
            Ok(changed) => is_set = on && changed,
            Err(error) => tracing::warn!(%id, name, on, %error, "owners cannot be changed"),
        }
    }
    let command = if on { &owners.enable } else { &owners.disable };
    if let Some(command) = command {
        commands::run(
            command,
            Place {
                root,
                id: *id,
                name,
            },
        );
    }
    is_set
}
