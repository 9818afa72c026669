//! Clearing names that crashed tasks left behind.
//!
//! What is removed is a socket that this library's names have and nobody listens at, and its folder once that is empty.
//! Whatever else is in a folder, which somebody may have chosen for other things as well, stays.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use super::clerk;
use super::mounts::always_answer;
use super::spot::{Spot, State};
use crate::sys::folder::Folder;
use crate::sys::signals;

/// Once per process: a program that checks in may be started often, but a name is seldom left behind.
static SWEEP: Once = Once::new();

/// How many names are looked at.
const MOST: usize = 1024;
/// How many sockets of one name: there is one for each pid namespace.
const MOST_SOCKETS: usize = 32;
/// How long a program's first check-in waits for it.
const LIMIT: Duration = Duration::from_secs(1);

/// Clears a folder of names, if this process has not done so before.
pub(super) fn sweep_once(place: &Path) {
    SWEEP.call_once(|| {
        let place: PathBuf = place.to_owned();
        if always_answer([place.as_path()]) {
            signals::undisturbed(|| sweep(&place));
        } else {
            let _ = clerk::within(LIMIT, move || sweep(&place));
        }
    });
}

/// Clears a folder of names.
pub(super) fn sweep(place: &Path) {
    let Ok(place) = Folder::open(place) else {
        return;
    };
    for name in place.names(MOST).unwrap_or_default() {
        let Ok(folder) = place.open_in(&name) else {
            continue;
        };
        let mut cleared = false;
        for socket in folder.names(MOST_SOCKETS).unwrap_or_default() {
            if let Some(socket) = socket.to_str().filter(|name| is_ours(name)) {
                cleared |= clear(folder.path(), socket);
            }
        }
        if cleared {
            let _ = place.remove_folder(&name);
        }
    }
}

fn clear(folder: &Path, socket: &str) -> bool {
    let Ok(spot) = Spot::at(folder, socket) else {
        return false;
    };
    if !matches!(spot.state(), Ok(State::Stale(_))) {
        return false;
    }
    // Whoever has the lock is about to replace it.
    let Some(_lock) = spot.folder().lock(Duration::ZERO) else {
        return false;
    };
    match spot.state() {
        Ok(State::Stale(id)) => {
            tracing::debug!(path = %spot.path().display(), "nobody serves it any more");
            spot.remove(id);
            true
        }
        _ => false,
    }
}

/// Whether this library calls sockets so: those of services, and those that were to become some.
fn is_ours(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    name == "port"
        || name.strip_prefix("port.").is_some_and(is_number)
        || name.strip_prefix('.').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_library_makes_is_its_own() {
        for name in ["port", "port.4026532000", ".0123456789abcdef"] {
            assert!(is_ours(name), "{name}");
        }
        for name in ["ports", "port.", "port.x", ".", ".lock", "socket"] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
