//! Owners: they count while somebody holds a volume.

use std::path::PathBuf;

use crate::VolumeId;
use crate::daemon::commands;
use crate::settings::{Owners, Place};
use crate::sys;

pub(super) fn set(owners: &Owners, (id, name, root): &(VolumeId, String, PathBuf), on: bool) {
    match sys::set_owners(root, on) {
        Ok(true) => tracing::debug!(%id, name, on, "owners"),
        Ok(false) => {}
        Err(error) => tracing::warn!(%id, name, on, %error, "owners cannot be changed"),
    }
    let command = if on { &owners.enable } else { &owners.disable };
    if let Some(command) = command {
        let place = Place {
            root,
            id: *id,
            name,
        };
        commands::run(command, place);
    }
}
