//! Folders as descriptors: what was looked at is what is used, whatever becomes of the path meanwhile.
//!
//! Nothing here waits for another process, except where a file system that somebody serves (FUSE) does not answer.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat, renameat};
use nix::sys::socket::UnixAddr;
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

use super::again::uninterrupted;

/// A folder that was found, and stays the same.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

/// Which file something was. Another one has the same only after that one is gone.
pub(crate) type FileId = (u64, u64);

/// What is under a name in a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry(FileStat);

/// Held while a folder's entries are changed. Gone with the process, if not before.
#[derive(Debug)]
pub(crate) struct Lock(OwnedFd);

impl Drop for Lock {
    fn drop(&mut self) {
        // A file system may fail here. The lock goes then when the last process has closed the folder.
        let _ = flock(&self.0, libc::LOCK_UN);
    }
}

fn flock(folder: &OwnedFd, operation: libc::c_int) -> Result<(), Errno> {
    // SAFETY: takes numbers only, of which the first is an open descriptor's.
    Errno::result(unsafe { libc::flock(folder.as_raw_fd(), operation) }).map(drop)
}

/// Neither a link in the folder's place nor what is no folder is opened, and of a pipe nobody waits for the other end.
const FLAGS: OFlag = OFlag::O_DIRECTORY
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

impl Folder {
    /// The folder at `path`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // A slash at the end would have a link followed.
        let path: PathBuf = path.components().collect();
        let fd = uninterrupted(|| open(&path, FLAGS | OFlag::O_PATH, Mode::empty()))?;
        Ok(Self { fd, path })
    }

    /// The folder `name` in this one.
    pub(crate) fn open_in(&self, name: &Path) -> io::Result<Self> {
        let fd = uninterrupted(|| openat(&self.fd, name, FLAGS | OFlag::O_PATH, Mode::empty()))?;
        let path = self.path.join(name);
        Ok(Self { fd, path })
    }

    /// As [`Self::open_in`]; makes it if it is not there.
    pub(crate) fn make_in(&self, name: &Path) -> io::Result<Self> {
        match uninterrupted(|| mkdirat(&self.fd, name, Mode::S_IRWXU)) {
            Ok(()) | Err(Errno::EEXIST) => self.open_in(name),
            Err(errno) => Err(errno.into()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself.
    pub(crate) fn entry(&self) -> io::Result<Entry> {
        Ok(Entry(uninterrupted(|| fstat(&self.fd))?))
    }

    /// What is under `name`, be it a link.
    pub(crate) fn entry_of(&self, name: impl AsRef<Path>) -> io::Result<Entry> {
        let flags = AtFlags::AT_SYMLINK_NOFOLLOW;
        let found = uninterrupted(|| fstatat(&self.fd, name.as_ref(), flags));
        Ok(Entry(found?))
    }

    /// A file as such, which is not opened: what it is can be asked of it, and whether it has a name.
    pub(crate) fn file(&self, name: &str) -> io::Result<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(uninterrupted(|| {
            openat(&self.fd, name, flags, Mode::empty())
        })?)
    }

    /// Gives the file `from` the name `to`, which must be free, too.
    pub(crate) fn link(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(linkat(&self.fd, from, &self.fd, to, AtFlags::empty())?)
    }

    /// Gives the file `from` the name `to`, whatever that was the name of.
    pub(crate) fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.fd, from, &self.fd, to)?)
    }

    pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, UnlinkatFlags::NoRemoveDir)?)
    }

    /// Removes a folder in this one, if it is empty.
    pub(crate) fn remove_folder(&self, name: &Path) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, UnlinkatFlags::RemoveDir)?)
    }

    /// The names in this folder, so many at most.
    pub(crate) fn names(&self, most: usize) -> io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&self.path)?.take(most);
        Ok(entries
            .filter_map(|entry| Some(entry.ok()?.file_name().into()))
            .collect())
    }

    /// Calls `then` with an address for a socket in this folder, by a shorter way if the path is too long for one.
    pub(crate) fn with_address<T>(
        &self,
        name: &str,
        then: impl FnOnce(&UnixAddr) -> io::Result<T>,
    ) -> io::Result<T> {
        if let Ok(address) = UnixAddr::new(&self.path.join(name)) {
            return then(&address);
        }
        let path = format!("/proc/self/fd/{}/{name}", self.fd.as_raw_fd());
        then(&UnixAddr::new(path.as_str())?)
    }

    /// Keeps others from changing this folder who ask before they do. Whoever holds it longer than `patience` is not
    /// waited for: `None`.
    pub(crate) fn lock(&self, patience: Duration) -> Option<Lock> {
        let flags = FLAGS | OFlag::O_RDONLY | OFlag::O_NONBLOCK;
        let folder = uninterrupted(|| openat(&self.fd, ".", flags, Mode::empty())).ok()?;
        let until = Instant::now() + patience;
        loop {
            match flock(&folder, libc::LOCK_EX | libc::LOCK_NB) {
                Ok(()) => return Some(Lock(folder)),
                Err(Errno::EAGAIN | Errno::EINTR) if Instant::now() < until => {}
                Err(_) => return None,
            }
            // The kernel tells nobody that a lock is free.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Which file a descriptor is of.
pub(crate) fn id_of(file: &impl AsFd) -> Option<FileId> {
    Some(Entry(fstat(file).ok()?).id())
}

/// Whether a file is in some folder.
pub(crate) fn has_a_name(file: &impl AsFd) -> bool {
    fstat(file).is_ok_and(|file| file.st_nlink > 0)
}

impl Entry {
    pub(crate) fn id(&self) -> FileId {
        (self.0.st_dev, self.0.st_ino)
    }

    /// Which file it is, and since when: a number may be that of a file that is gone.
    pub(crate) fn since(&self) -> (FileId, i64, i64) {
        (self.id(), self.0.st_ctime, self.0.st_ctime_nsec)
    }

    pub(crate) fn owner(&self) -> u32 {
        self.0.st_uid
    }

    /// Who may do what, as `chmod` has it.
    pub(crate) fn permissions(&self) -> u32 {
        self.0.st_mode & 0o7777
    }

    fn kind(&self) -> SFlag {
        SFlag::from_bits_truncate(self.0.st_mode & SFlag::S_IFMT.bits())
    }

    pub(crate) fn is_socket(&self) -> bool {
        self.kind() == SFlag::S_IFSOCK
    }

    /// What it is, in words.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind() {
            SFlag::S_IFDIR => "a folder",
            SFlag::S_IFLNK => "a symbolic link",
            SFlag::S_IFIFO => "a pipe",
            SFlag::S_IFREG => "a file",
            SFlag::S_IFSOCK => "a socket",
            _ => "a device",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder that goes with the test.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new() -> Self {
            let name = format!("embedded-mach.test.{:016x}", crate::sys::random::number());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn only_a_folder_is_opened_and_nothing_waits() {
        let place = Temporary::new();
        let folder = Folder::open(&place.0).unwrap();
        let path = |name: &str| place.0.join(name);
        nix::unistd::mkfifo(&path("pipe"), Mode::S_IRWXU).unwrap();
        symlink(&place.0, path("link")).unwrap();
        std::fs::write(path("file"), "").unwrap();
        for name in ["pipe", "link", "link/", "file", "absent"] {
            assert!(Folder::open(&path(name)).is_err(), "{name}");
        }
        for name in ["pipe", "link", "file"] {
            let made = folder.make_in(Path::new(name));
            assert_eq!(made.unwrap_err().raw_os_error(), Some(libc::ENOTDIR));
        }
        let made = folder.make_in(Path::new("new")).unwrap();
        assert_eq!(made.path(), path("new"));
        assert_eq!(made.entry().unwrap().permissions() & 0o077, 0);
    }

    #[test]
    fn what_was_opened_is_what_is_used() {
        let place = Temporary::new();
        let folder = Folder::open(&place.0).unwrap();
        let inner = folder.make_in(Path::new("inner")).unwrap();
        std::fs::write(place.0.join("inner/file"), "").unwrap();
        std::fs::rename(place.0.join("inner"), place.0.join("moved")).unwrap();
        std::fs::create_dir(place.0.join("inner")).unwrap();
        std::fs::write(place.0.join("inner/file"), "").unwrap();
        inner.remove_file("file").unwrap();
        assert!(place.0.join("inner/file").exists());
        assert!(!place.0.join("moved/file").exists());
    }

    #[test]
    fn a_lock_that_is_held_is_not_waited_for() {
        let place = Temporary::new();
        let folder = Folder::open(&place.0).unwrap();
        let held = folder.lock(Duration::ZERO).unwrap();
        assert!(folder.lock(Duration::from_millis(5)).is_none());
        drop(held);
        assert!(folder.lock(Duration::ZERO).is_some());
    }
}
