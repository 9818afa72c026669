//! Files beneath a volume's root, and never elsewhere.
//!
//! A path is walked name by name from an open root. No link is followed, none of `.`, `..` and absolute paths is taken,
//! and nothing on another device is entered, so whoever writes the volume cannot point out of it, whenever they move things
//! about. That is `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV`, on kernels and systems without it as
//! well.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::sys;

/// The longest path that a description may name, in bytes.
pub const MAX_PATH: usize = 1024;

/// Why a path beneath a root is not used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BeneathError {
    /// The description's side: the path is empty, absolute, too long, or has `.` or `..` in it.
    #[error("{}: not a plain path relative to the volume", .0.display())]
    NotRelative(PathBuf),
    /// The volume's side: a link stands in the path, and none is followed.
    #[error("{}: goes by a link", .0.display())]
    Link(PathBuf),
    /// The volume's side: another file system is mounted on the way.
    #[error("{}: leaves the volume", .0.display())]
    OtherDevice(PathBuf),
    /// The volume's side: no regular file, but a folder, a FIFO, a device or a socket.
    #[error("{}: not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// The volume's side: the file is longer than what is read.
    #[error("{}: larger than {limit} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How much is read.
        limit: u64,
    },
    /// A system call failed.
    #[error("{}: {call}", .path.display())]
    Os {
        /// The call.
        call: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

mach_ports::debug_with_causes!(BeneathError);

impl BeneathError {
    fn os(call: &'static str, path: &Path) -> impl Fn(Errno) -> Self {
        move |errno| Self::Os {
            call,
            path: path.to_owned(),
            source: errno.into(),
        }
    }

    /// Whether this process may not look there.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Os { source, .. } if source.raw_os_error() == Some(libc::EACCES))
    }

    /// Whether there is nothing by that path.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Os { source, .. } if matches!(source.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)))
    }
}

/// Refuses what is not a plain relative path.
///
/// # Errors
///
/// [`BeneathError::NotRelative`].
pub fn check_relative(path: &Path) -> Result<(), BeneathError> {
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let text = path.as_os_str();
    // `components` drops what stands for nothing, such as the dot of `a/./b`.
    let exact = path.components().collect::<PathBuf>().as_os_str() == text;
    if plain && exact && !text.is_empty() && text.len() <= MAX_PATH {
        Ok(())
    } else {
        Err(BeneathError::NotRelative(path.to_owned()))
    }
}

/// An open root of a volume. While it is open, the volume cannot be unmounted.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
    device: libc::dev_t,
}

const FOLDER: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

impl Root {
    /// Opens the root of a volume.
    ///
    /// # Errors
    ///
    /// It is not there, or no folder.
    pub fn open(path: &Path) -> Result<Self, BeneathError> {
        let folder = nix::fcntl::open(path, FOLDER, Mode::empty())
            .map_err(BeneathError::os("open", path))?;
        let device = fstat(&folder)
            .map_err(BeneathError::os("fstat", path))?
            .st_dev;
        Ok(Self { folder, device })
    }

    /// The number of the mount that this is the root of, where the system has such numbers.
    pub(crate) fn mount_number(&self) -> Option<u64> {
        sys::mount_number(self.folder.as_fd())
    }

    /// The device that the volume is on.
    #[must_use]
    pub fn device(&self) -> u64 {
        // Wider on one system than on the other.
        #[allow(clippy::unnecessary_cast)]
        {
            self.device as u64
        }
    }

    /// What stands at `path`, a link for itself.
    ///
    /// # Errors
    ///
    /// See [`BeneathError`].
    pub fn stat(&self, path: &Path) -> Result<FileStat, BeneathError> {
        let (parent, name) = self.parent(path)?;
        self.stat_in(
            parent.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd),
            name,
            path,
        )
    }

    fn stat_in(
        &self,
        folder: BorrowedFd<'_>,
        name: &OsStr,
        path: &Path,
    ) -> Result<FileStat, BeneathError> {
        let stat = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW)
            .map_err(BeneathError::os("fstatat", path))?;
        if stat.st_dev == self.device {
            Ok(stat)
        } else {
            Err(BeneathError::OtherDevice(path.to_owned()))
        }
    }

    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// See [`BeneathError`].
    pub fn folder(&self, path: &Path) -> Result<OwnedFd, BeneathError> {
        let (parent, name) = self.parent(path)?;
        self.enter(
            parent.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd),
            name,
            path,
        )
    }

    fn enter(
        &self,
        folder: BorrowedFd<'_>,
        name: &OsStr,
        path: &Path,
    ) -> Result<OwnedFd, BeneathError> {
        // Before it is opened: what is mounted there may never answer.
        let stat = self.stat_in(folder, name, path)?;
        if kind(&stat) == SFlag::S_IFLNK {
            return Err(BeneathError::Link(path.to_owned()));
        }
        let entered = open_folder(folder, name, path)?;
        let stat = fstat(&entered).map_err(BeneathError::os("fstat", path))?;
        if stat.st_dev == self.device {
            Ok(entered)
        } else {
            Err(BeneathError::OtherDevice(path.to_owned()))
        }
    }

    /// The folder that `path` is in, `None` for the root, and its last name.
    fn parent<'a>(&self, path: &'a Path) -> Result<(Option<OwnedFd>, &'a OsStr), BeneathError> {
        check_relative(path)?;
        let refused = || BeneathError::NotRelative(path.to_owned());
        let name = path.file_name().ok_or_else(refused)?;
        let mut folder: Option<OwnedFd> = None;
        for part in path.parent().into_iter().flat_map(Path::components) {
            let here = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
            let next = self.enter(here, part.as_os_str(), path)?;
            folder = Some(next);
        }
        Ok((folder, name))
    }

    /// Reads a regular file of at most `limit` bytes.
    ///
    /// Nothing else is opened: a FIFO would wait, a device may do something.
    ///
    /// # Errors
    ///
    /// See [`BeneathError`].
    pub fn read(&self, path: &Path, limit: u64) -> Result<(Vec<u8>, FileStat), BeneathError> {
        let (parent, name) = self.parent(path)?;
        let folder = parent.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
        let stat = self.stat_in(folder, name, path)?;
        match kind(&stat) {
            SFlag::S_IFREG => {}
            SFlag::S_IFLNK => return Err(BeneathError::Link(path.to_owned())),
            _ => return Err(BeneathError::NotRegular(path.to_owned())),
        }
        let file = sys::open_regular(folder, name).map_err(|source| BeneathError::Os {
            call: "open",
            path: path.to_owned(),
            source,
        })?;
        let file = file.ok_or_else(|| BeneathError::NotRegular(path.to_owned()))?;
        let stat = fstat(&file).map_err(BeneathError::os("fstat", path))?;
        if stat.st_dev != self.device {
            return Err(BeneathError::OtherDevice(path.to_owned()));
        }
        let mut bytes = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|source| BeneathError::Os {
            call: "read",
            path: path.to_owned(),
            source,
        })?;
        if bytes.len() as u64 > limit {
            return Err(BeneathError::TooLarge {
                path: path.to_owned(),
                limit,
            });
        }
        Ok((bytes, stat))
    }

    /// Replaces a file: all of it is there, or what was there before.
    ///
    /// # Errors
    ///
    /// See [`BeneathError`]; the folder must be there.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), BeneathError> {
        let (parent, name) = self.parent(path)?;
        let folder = parent.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
        let mut passing = OsStr::new(".").to_owned();
        passing.push(name);
        passing.push(".new");
        let create = || {
            openat(
                folder,
                passing.as_os_str(),
                OFlag::O_WRONLY
                    | OFlag::O_CREAT
                    | OFlag::O_EXCL
                    | OFlag::O_NOFOLLOW
                    | OFlag::O_CLOEXEC,
                Mode::from_bits_truncate(0o644),
            )
        };
        let remove = || unlinkat(folder, passing.as_os_str(), UnlinkatFlags::NoRemoveDir);
        let created = match create() {
            // Of one that was interrupted.
            Err(Errno::EEXIST) => remove().and_then(|()| create()),
            created => created,
        };
        let mut file = File::from(created.map_err(BeneathError::os("openat", path))?);
        let written = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(|source| BeneathError::Os {
                call: "write",
                path: path.to_owned(),
                source,
            })
            .and_then(|()| {
                renameat(folder, passing.as_os_str(), folder, name)
                    .map_err(BeneathError::os("renameat", path))
            });
        if written.is_err() {
            let _ = remove(); // what counts is why it was not written
        }
        written
    }
}

/// Opens a folder that is known to be on the volume; a link is none.
pub(crate) fn open_folder<Name: ?Sized + nix::NixPath>(
    folder: impl AsFd,
    name: &Name,
    path: &Path,
) -> Result<OwnedFd, BeneathError> {
    openat(folder, name, FOLDER, Mode::empty()).map_err(BeneathError::os("openat", path))
}

/// The kind of file that this is.
#[must_use]
pub fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use nix::unistd::mkfifo;

    use super::*;

    fn volume() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::write(folder.path().join("in/file"), "text").unwrap();
        let root = Root::open(folder.path()).unwrap();
        (folder, root)
    }

    fn read(root: &Root, path: &str) -> Result<Vec<u8>, BeneathError> {
        root.read(Path::new(path), 100).map(|(bytes, _)| bytes)
    }

    #[test]
    fn a_file_is_read_and_replaced() {
        let (folder, root) = volume();
        assert_eq!(read(&root, "in/file").unwrap(), b"text");
        // What an interrupted write has left is no hindrance.
        fs::write(folder.path().join("in/.file.new"), "left").unwrap();
        root.write(Path::new("in/file"), b"new").unwrap();
        assert_eq!(read(&root, "in/file").unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path().join("in")).unwrap().count(), 1);
    }

    #[test]
    fn paths_that_leave_by_their_text_are_refused() {
        let (_folder, root) = volume();
        let long = "x/".repeat(MAX_PATH / 2) + "x";
        for path in [
            "",
            ".",
            "..",
            "/",
            "/etc/passwd",
            "../x",
            "in/../in/file",
            "in/..",
            "./in/file",
            "in/./file",
            "in//file",
            "in/",
            &long,
        ] {
            let error = read(&root, path).unwrap_err();
            assert!(
                matches!(error, BeneathError::NotRelative(_)),
                "{path}: {error}"
            );
        }
        let zero = PathBuf::from(std::ffi::OsString::from_vec(b"in\0file".to_vec()));
        assert!(root.read(&zero, 100).is_err());
    }

    #[test]
    fn links_are_followed_nowhere() {
        let (folder, root) = volume();
        symlink("/etc/passwd", folder.path().join("out")).unwrap();
        symlink("in/file", folder.path().join("inside")).unwrap();
        symlink("in", folder.path().join("way")).unwrap();
        symlink("/proc/self/root", folder.path().join("magic")).unwrap();
        for path in ["out", "inside", "way/file", "magic/etc/passwd"] {
            let error = read(&root, path).unwrap_err();
            assert!(matches!(error, BeneathError::Link(_)), "{path}: {error}");
        }
        assert!(matches!(
            root.write(Path::new("way/file"), b"x"),
            Err(BeneathError::Link(_))
        ));
        // One in the place of the file is replaced, not followed.
        root.write(Path::new("inside"), b"x").unwrap();
        assert_eq!(read(&root, "in/file").unwrap(), b"text");
        assert_eq!(read(&root, "inside").unwrap(), b"x");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let (folder, root) = volume();
        mkfifo(&folder.path().join("fifo"), Mode::S_IRWXU).unwrap();
        let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
        // The FIFO has no writer: to open it would wait for ever.
        for path in ["in", "fifo", "socket"] {
            let error = read(&root, path).unwrap_err();
            assert!(
                matches!(error, BeneathError::NotRegular(_)),
                "{path}: {error}"
            );
        }
    }

    #[test]
    fn a_large_file_is_not_read() {
        let (folder, root) = volume();
        // A hole of a terabyte.
        let file = File::create(folder.path().join("huge")).unwrap();
        file.set_len(1 << 40).unwrap();
        let error = read(&root, "huge").unwrap_err();
        assert!(
            matches!(error, BeneathError::TooLarge { limit: 100, .. }),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_told_as_such() {
        let (_folder, root) = volume();
        for path in ["none", "none/file", "in/file/more"] {
            assert!(read(&root, path).unwrap_err().is_missing(), "{path}");
        }
        let error = root.write(Path::new("none/file"), b"x").unwrap_err();
        assert!(error.is_missing(), "{error}");
    }
}
