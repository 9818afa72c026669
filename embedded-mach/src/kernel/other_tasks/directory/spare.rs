//! The folder for names that a process makes when it may use none of the usual ones.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::clerk;
use super::places::SPARE;
use super::sweep::sweep;
use crate::sys::environment;
use crate::sys::folder::Folder;

/// The one that this process has made.
static MADE: Mutex<Option<PathBuf>> = Mutex::new(None);

/// How long the end of a process waits for it to go.
const LIMIT: Duration = Duration::from_secs(1);

/// Has this process and its children look for names there, too.
pub(super) fn announce(place: &Path) {
    // In a forked child nobody may be there to give the lock back: then the folder stays.
    let Ok(mut made) = MADE.try_lock() else {
        return;
    };
    if made.is_none() {
        tracing::warn!(
            path = %place.display(),
            "no usual folder for bootstrap names is to be had: children find this one by {SPARE}"
        );
    }
    *made = Some(place.to_owned());
    environment::set(SPARE, place.to_str());
}

/// Removes it at the end of this process, unless others have names in it.
pub(crate) fn remove_spare_place() {
    let made = MADE.try_lock().ok().and_then(|mut made| made.take());
    let Some(place) = made else { return };
    let _ = clerk::within(LIMIT, move || {
        // A child that was killed may have left something.
        sweep(&place);
        let name = Path::new(place.file_name()?);
        Folder::open(place.parent()?).ok()?.remove_folder(name).ok()
    });
}
