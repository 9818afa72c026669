//! The folders of bootstrap names: finding, taking and cleaning them.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::Once;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::UnixAddr;

use super::places::{SOCKET, directory, escaped};
use super::service::Service;
use crate::headers::bootstrap::{
    BOOTSTRAP_NO_MEMORY, BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::kernel::Result;
use crate::sys::socket;

const LOCK: &str = ".lock";

/// Which file a socket was, to see that it is still the same.
pub(crate) type FileId = (u64, u64);

/// Held while names change, so that two tasks never take the same one.
fn lock(directory: &Path) -> io::Result<Flock<std::fs::File>> {
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
}

/// Calls `then` with an address for `folder`'s socket, by a shorter way if the path is too long for one.
fn with_address<T>(folder: &Path, then: impl FnOnce(&UnixAddr) -> io::Result<T>) -> io::Result<T> {
    if let Ok(address) = UnixAddr::new(&folder.join(SOCKET)) {
        return then(&address);
    }
    let handle = std::fs::File::open(folder)?;
    let path = format!("/proc/self/fd/{}/{SOCKET}", handle.as_fd().as_raw_fd());
    then(&UnixAddr::new(path.as_str())?)
}

fn is_served(folder: &Path) -> bool {
    with_address(folder, socket::is_listened_at).is_ok()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(folder)
}

/// Once per process: a program that checks in may be started often, but a name is seldom left behind.
static SWEEP: Once = Once::new();

/// Removes what crashed tasks left behind.
fn sweep(directory: &Path) {
    let Ok(folders) = std::fs::read_dir(directory) else {
        return;
    };
    for folder in folders.flatten().take(1024) {
        let folder = folder.path();
        if folder.is_dir() && !is_served(&folder) {
            let _ = std::fs::remove_file(folder.join(SOCKET));
            let _ = std::fs::remove_dir(&folder);
        }
    }
}

fn code_of(error: &io::Error) -> i32 {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ECONNREFUSED | Errno::ENOTDIR) => BOOTSTRAP_UNKNOWN_SERVICE,
        Some(Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE | Errno::ENOSPC | Errno::EAGAIN) => {
            BOOTSTRAP_NO_MEMORY
        }
        _ => BOOTSTRAP_NOT_PRIVILEGED,
    }
}

fn report(what: &'static str, name: &str) -> impl Fn(io::Error) -> i32 {
    let name = name.to_owned();
    move |error| {
        tracing::debug!(%error, name, "{what} failed");
        code_of(&error)
    }
}

/// Makes a name served by this task, as far as the file system goes.
pub(crate) fn claim(name: &str) -> Result<Service> {
    let failed = report("bootstrap check-in", name);
    let directory = directory().map_err(&failed)?;
    let _lock = lock(&directory).map_err(&failed)?;
    let folder = directory.join(escaped(name));
    if is_served(&folder) {
        return Err(BOOTSTRAP_NOT_PRIVILEGED);
    }
    SWEEP.call_once(|| sweep(&directory));
    let listener = make_folder(&folder)
        .and_then(|()| with_address(&folder, socket::listen_at))
        // Whoever had the name may be taking its folder away at this moment.
        .or_else(|_| {
            let _ = std::fs::remove_file(folder.join(SOCKET));
            make_folder(&folder)?;
            with_address(&folder, socket::listen_at)
        })
        .map_err(&failed)?;
    Ok(Service::new(listener, name.to_owned()))
}

/// Connects to whoever serves a name. May block for a moment if that one has more clients than it takes up.
pub(crate) fn find(name: &str) -> Result<(OwnedFd, FileId)> {
    let failed = report("bootstrap look-up", name);
    let folder = directory().map_err(&failed)?.join(escaped(name));
    let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
    let path = folder.join(SOCKET);
    let before = std::fs::symlink_metadata(&path)
        .map(identity)
        .map_err(&failed)?;
    let fd = with_address(&folder, socket::connect_to).map_err(&failed)?;
    let after = std::fs::symlink_metadata(&path).map(identity).ok();
    // A name that changed hands in between is nobody's that was known before.
    let id = if after == Some(before) {
        before
    } else {
        (0, 0)
    };
    Ok((fd, id))
}
