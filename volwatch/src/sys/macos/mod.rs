//! macOS: `getfsstat`, `getattrlist`, kqueue.

mod logind;
mod volume;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{AtFlags, OFlag, openat};
use nix::mount::MntFlags;
use nix::sys::event::{EvFlags, EventFilter, FilterFlag, KEvent, Kqueue};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat};

use crate::beneath::kind;

pub(crate) use logind::Logind;
pub(crate) use volume::{mounts, set_owners};

/// Opens a file in `folder` if it is a regular one; `None` if it is not.
pub(crate) fn open_regular(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<Option<File>> {
    if kind(&fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW)?) != SFlag::S_IFREG {
        return Ok(None);
    }
    // If it is another by now, a FIFO does not wait, and it is closed again.
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file = openat(folder, name, flags, Mode::empty())?;
    let is_regular = kind(&fstat(&file)?) == SFlag::S_IFREG;
    Ok(is_regular.then(|| File::from(file)))
}

/// FSEvents tells of all that is in a folder.
pub(crate) const WATCHES_ALL_WITHIN: bool = true;

/// Mounts have no numbers.
pub(crate) const fn mount_number(_open: BorrowedFd<'_>) -> Option<u64> {
    None
}

/// Tells when something is mounted or unmounted.
pub(crate) struct MountChanges(Kqueue);

impl MountChanges {
    pub(crate) fn new() -> io::Result<Self> {
        let queue = Kqueue::new()?;
        change(&queue, event(0, EventFilter::EVFILT_FS))?;
        Ok(Self(queue))
    }

    /// Waits for a change since the last call, or the first one since `new`; `false` once `stop`'s other end is closed.
    pub(crate) fn wait(&mut self, stop: BorrowedFd<'_>) -> io::Result<bool> {
        let ident = usize::try_from(stop.as_raw_fd()).map_err(io::Error::other)?;
        change(&self.0, event(ident, EventFilter::EVFILT_READ))?;
        let mut events = [event(0, EventFilter::EVFILT_FS); 2];
        loop {
            match self.0.kevent(&[], &mut events, None) {
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(count) => {
                    let is_stop = |event: &KEvent| {
                        event
                            .filter()
                            .is_ok_and(|filter| filter == EventFilter::EVFILT_READ)
                    };
                    return Ok(!events.iter().take(count).any(is_stop));
                }
            }
        }
    }
}

fn event(ident: usize, filter: EventFilter) -> KEvent {
    let flags = EvFlags::EV_ADD | EvFlags::EV_CLEAR;
    KEvent::new(ident, filter, flags, FilterFlag::empty(), 0, 0)
}

fn change(queue: &Kqueue, event: KEvent) -> io::Result<()> {
    queue.kevent(&[event], &mut [], None)?;
    Ok(())
}

/// Opens a root, so that what is mounted there cannot be unmounted.
pub(crate) fn pin(root: &Path) -> io::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(root, flags, Mode::empty())?)
}

/// There is no such thing: nothing is done.
pub(crate) fn die_with_parent() -> io::Result<()> {
    Ok(())
}

/// Unmounts what is mounted at `root`.
pub(crate) fn unmount(root: &Path) -> io::Result<()> {
    Ok(nix::mount::unmount(root, MntFlags::empty())?)
}
