//! Linux: mountinfo and `O_PATH`.

mod by_uuid;
mod logind;
mod mountinfo;
mod nature;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, openat};
use nix::mount::{MntFlags, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{Mode, SFlag, fstat};

use crate::beneath::kind;
use crate::volumes::Mount;

pub(crate) use logind::Logind;

/// Where the kernel lists what is mounted in this process's namespace.
const MOUNTINFO: &str = "/proc/self/mountinfo";

/// Opens a file in `folder` if it is a regular one; `None` if it is not.
pub(crate) fn open_regular(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<Option<File>> {
    // Such a descriptor opens nothing: it can be asked what it is, and opened once that is known.
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let place = openat(folder, name, flags, Mode::empty())?;
    if kind(&fstat(&place)?) != SFlag::S_IFREG {
        return Ok(None);
    }
    File::open(format!("/proc/self/fd/{}", place.as_raw_fd())).map(Some)
}

/// An inotify watch is of one folder.
pub(crate) const WATCHES_ALL_WITHIN: bool = false;

/// The number of the mount that something open is on, as in mountinfo.
pub(crate) fn mount_number(open: BorrowedFd<'_>) -> Option<u64> {
    let path = format!("/proc/self/fdinfo/{}", open.as_raw_fd());
    let info = std::fs::read_to_string(path).ok()?;
    let number = info.lines().find_map(|line| line.strip_prefix("mnt_id:"))?;
    number.trim().parse().ok()
}

/// What is mounted, each volume once; at one of the `known` places, if it is still there.
pub(crate) fn mounts(known: &BTreeSet<PathBuf>) -> io::Result<Vec<Mount>> {
    let text = std::fs::read(MOUNTINFO)?;
    let uuids = by_uuid::read();
    let mounts = mountinfo::volumes(&text, known).into_iter();
    Ok(mounts.map(|entry| entry.mount(&uuids)).collect())
}

/// Tells when something is mounted or unmounted.
#[derive(Debug)]
pub(crate) struct MountChanges(File);

impl MountChanges {
    pub(crate) fn new() -> io::Result<Self> {
        File::open(MOUNTINFO).map(Self)
    }

    /// Waits for a change since the last call, or the first one since `new`; `false` once `stop`'s other end is closed.
    pub(crate) fn wait(&mut self, stop: BorrowedFd<'_>) -> io::Result<bool> {
        let mut waiting = [
            PollFd::new(self.0.as_fd(), PollFlags::POLLPRI),
            PollFd::new(stop, PollFlags::POLLIN),
        ];
        loop {
            match poll(&mut waiting, PollTimeout::NONE) {
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(waiting[1].any() != Some(true)),
            }
        }
    }
}

/// Opens a root, so that what is mounted there cannot be unmounted.
pub(crate) fn pin(root: &Path) -> io::Result<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(root, flags, Mode::empty())?)
}

/// Has this process killed when the thread that started it ends, also once it is another program.
pub(crate) fn die_with_parent() -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(
        nix::sys::signal::Signal::SIGKILL,
    )?)
}

/// Unmounts what is mounted at `root`, and follows no link there.
pub(crate) fn unmount(root: &Path) -> io::Result<()> {
    Ok(umount2(root, MntFlags::UMOUNT_NOFOLLOW)?)
}

/// Linux has no owners to be switched on: nothing is done, and `false`.
pub(crate) fn set_owners(_root: &Path, _enabled: bool) -> io::Result<bool> {
    Ok(false)
}
