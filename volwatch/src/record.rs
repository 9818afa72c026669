//! What a volume's sources and targets were when something was built of them.
//!
//! A volume is stale if what its stamps have recorded is not what there is: whether a file is older or newer does not count, so
//! a clock that was set back and a file that was restored are seen as well.

use std::fmt::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, SFlag, fstatat};

use crate::beneath::{BeneathError, Root, kind};
use crate::description::{Description, Version};

/// How many files the sources, and as many the targets, of one volume may have.
pub const MAX_FILES: usize = 50_000;
/// How deep folders may be in each other.
const MAX_DEPTH: usize = 40;
const HEADING: &str = "volwatch stamp 1\n";

/// Why it cannot be said whether a volume is stale.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The volume's side: a path cannot be looked at.
    #[error(transparent)]
    Path(#[from] BeneathError),
    /// The volume's side: more files than are looked at, or folders too deep in each other.
    #[error("{}: more than {MAX_FILES} files, or too deep", .0.display())]
    TooMany(PathBuf),
}

mach_ports::debug_with_causes!(RecordError);

/// The files of a volume at one time. Equal records are equal files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record(String);

/// Records what a volume's sources are.
///
/// # Errors
///
/// See [`RecordError`].
pub fn sources(root: &Root, description: &Description) -> Result<Record, RecordError> {
    record(root, "source", &description.sources)
}

/// Records what a volume's targets are.
///
/// # Errors
///
/// See [`RecordError`].
pub fn targets(root: &Root, description: &Description) -> Result<Record, RecordError> {
    record(root, "target", &description.targets)
}

/// The path of a stamp that does not say what the volume is now; `None` if all do, so that nothing is stale.
///
/// # Errors
///
/// See [`RecordError`].
pub fn stale<'a>(
    root: &Root,
    description: &'a Description,
) -> Result<Option<&'a Path>, RecordError> {
    let now = stamp(&sources(root, description)?, &targets(root, description)?);
    for path in &description.stamps {
        match root.read(path, now.len() as u64) {
            Ok((bytes, _)) if bytes == now.as_bytes() => {}
            Ok(_) | Err(BeneathError::TooLarge { .. }) => return Ok(Some(path)),
            Err(error) if error.is_missing() => return Ok(Some(path)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Writes all stamps: the targets as they are were built of these sources.
///
/// # Errors
///
/// See [`RecordError`]. Some stamps may have been written.
pub fn write(root: &Root, description: &Description, built_of: &Record) -> Result<(), RecordError> {
    let stamp = stamp(built_of, &targets(root, description)?);
    for path in &description.stamps {
        root.write(path, stamp.as_bytes())?;
    }
    Ok(())
}

fn stamp(sources: &Record, targets: &Record) -> String {
    [HEADING, &sources.0, &targets.0].concat()
}

/// All folders that are sources or targets, or in them, as they are to be watched.
///
/// # Errors
///
/// See [`RecordError`].
pub fn folders(root: &Root, description: &Description) -> Result<Vec<PathBuf>, RecordError> {
    let mut folders = list(root, "source", &description.sources)?.folders;
    folders.append(&mut list(root, "target", &description.targets)?.folders);
    Ok(folders)
}

fn record(root: &Root, what: &'static str, paths: &[PathBuf]) -> Result<Record, RecordError> {
    Ok(Record(list(root, what, paths)?.text))
}

fn list(root: &Root, what: &'static str, paths: &[PathBuf]) -> Result<List, RecordError> {
    let mut list = List {
        what,
        text: String::new(),
        folders: Vec::new(),
        count: 0,
        device: root.device(),
    };
    for path in paths {
        match root.stat(path) {
            Ok(stat) => {
                list.add(path, &stat)?;
                if kind(&stat) == SFlag::S_IFDIR {
                    list.add_folder(root.folder(path)?, path, 1)?;
                }
            }
            Err(error) if error.is_missing() => list.line("missing", path)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(list)
}

struct List {
    what: &'static str,
    text: String,
    folders: Vec<PathBuf>,
    count: usize,
    device: u64,
}

impl List {
    fn line(&mut self, state: impl std::fmt::Display, path: &Path) -> Result<(), RecordError> {
        if self.count == MAX_FILES {
            return Err(RecordError::TooMany(path.to_owned()));
        }
        self.count += 1;
        // A name may have line ends in it.
        let name = path.as_os_str().as_bytes().escape_ascii();
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{} {state} {name}", self.what);
        Ok(())
    }

    fn add(&mut self, path: &Path, stat: &FileStat) -> Result<(), RecordError> {
        let version = Version::of(stat);
        self.line(format_args!("{:o} {version}", stat.st_mode), path)
    }

    /// What is in a folder, by name. Links stand for themselves, and other file systems are not entered.
    fn add_folder(
        &mut self,
        folder: OwnedFd,
        path: &Path,
        depth: usize,
    ) -> Result<(), RecordError> {
        let os = |call| {
            move |errno: Errno| BeneathError::Os {
                call,
                path: path.to_owned(),
                source: errno.into(),
            }
        };
        self.folders.push(path.to_owned());
        let mut folder = Dir::from_fd(folder).map_err(os("fdopendir"))?;
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry.map_err(os("readdir"))?;
            let name = entry.file_name().to_owned();
            if !matches!(name.to_bytes(), b"." | b"..") {
                names.push(name);
            }
            if names.len() > MAX_FILES {
                return Err(RecordError::TooMany(path.to_owned()));
            }
        }
        names.sort_unstable();
        for name in names {
            let path = path.join(std::ffi::OsStr::from_bytes(name.to_bytes()));
            let stat = match fstatat(&folder, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::ENOENT) => continue, // it has just gone
                // So it is to whoever rebuilds.
                Err(Errno::EACCES) => {
                    self.line("closed", &path)?;
                    continue;
                }
                Err(error) => return Err(os("fstatat")(error).into()),
            };
            self.add(&path, &stat)?;
            // Wider on one system than on the other.
            #[allow(clippy::unnecessary_cast)]
            let is_here = stat.st_dev as u64 == self.device;
            if kind(&stat) == SFlag::S_IFDIR && is_here {
                if depth == MAX_DEPTH {
                    return Err(RecordError::TooMany(path));
                }
                match crate::beneath::open_folder(&folder, name.as_c_str(), &path) {
                    Ok(inner) => self.add_folder(inner, &path, depth + 1)?,
                    Err(error) if error.is_missing() => {} // it was something else just now
                    Err(error) if error.is_denied() => self.line("closed", &path)?,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::description;

    struct Volume {
        folder: tempfile::TempDir,
        root: Root,
        description: Description,
    }

    impl Volume {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let text = "sources = ['in', 'file']\ntargets = ['out']\nstamps = ['s1', 's2']\n";
            fs::write(folder.path().join("d.toml"), text).unwrap();
            fs::create_dir_all(folder.path().join("in/deep")).unwrap();
            fs::write(folder.path().join("in/deep/leaf"), "leaf").unwrap();
            fs::write(folder.path().join("file"), "file").unwrap();
            let root = Root::open(folder.path()).unwrap();
            let description = description::load(&root, &["d.toml".into()])
                .unwrap()
                .unwrap();
            Self {
                folder,
                root,
                description,
            }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        fn is_stale(&self) -> bool {
            stale(&self.root, &self.description).unwrap().is_some()
        }

        fn build(&self) {
            let built_of = sources(&self.root, &self.description).unwrap();
            fs::write(self.path("out"), "out").unwrap();
            write(&self.root, &self.description, &built_of).unwrap();
            assert!(!self.is_stale());
        }
    }

    #[test]
    fn what_is_built_is_fresh_until_something_differs() {
        let volume = Volume::new();
        assert!(volume.is_stale(), "there are no stamps");
        let changes: [&dyn Fn(); 8] = [
            &|| fs::write(volume.path("file"), "file, longer").unwrap(),
            &|| fs::write(volume.path("in/deep/leaf"), "grown").unwrap(),
            &|| fs::write(volume.path("in/new"), "").unwrap(),
            &|| fs::remove_file(volume.path("in/new")).unwrap(),
            &|| fs::write(volume.path("out"), "by somebody else").unwrap(),
            &|| fs::remove_file(volume.path("out")).unwrap(),
            &|| fs::remove_file(volume.path("s2")).unwrap(),
            &|| symlink("file", volume.path("in/link")).unwrap(),
        ];
        for change in changes {
            volume.build();
            change();
            assert!(volume.is_stale());
        }
        volume.build();
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_restored_file_are_seen() {
        let volume = Volume::new();
        volume.build();
        let file = fs::File::options()
            .write(true)
            .open(volume.path("file"))
            .unwrap();
        let before = file.metadata().unwrap().modified().unwrap();
        // As a backup has it, with the same size and an older time.
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(volume.is_stale());
        file.set_modified(before + Duration::from_nanos(1)).unwrap();
        assert!(volume.is_stale(), "a nanosecond is a difference");
        file.set_modified(before).unwrap();
        assert!(!volume.is_stale());
        // Another file with the same size and time.
        fs::rename(volume.path("file"), volume.path("old")).unwrap();
        fs::write(volume.path("file"), "file").unwrap();
        fs::File::options()
            .write(true)
            .open(volume.path("file"))
            .unwrap()
            .set_modified(before)
            .unwrap();
        assert!(volume.is_stale(), "the inode is another");
    }

    #[test]
    fn a_source_that_changes_during_the_build_is_stale_after_it() {
        let volume = Volume::new();
        let built_of = sources(&volume.root, &volume.description).unwrap();
        fs::write(volume.path("file"), "file, longer").unwrap();
        write(&volume.root, &volume.description, &built_of).unwrap();
        assert!(volume.is_stale());
    }

    #[test]
    fn a_stamp_that_is_anything_else_is_no_stamp() {
        let volume = Volume::new();
        volume.build();
        fs::write(volume.path("s1"), "anything else").unwrap();
        assert!(volume.is_stale());
        volume.build();
        fs::File::options()
            .write(true)
            .open(volume.path("s1"))
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        assert!(volume.is_stale());
    }

    #[test]
    fn folders_without_end_are_refused() {
        let volume = Volume::new();
        let mut path = volume.path("in");
        for _ in 0..=MAX_DEPTH {
            path.push("x");
            fs::create_dir(&path).unwrap();
        }
        let error = stale(&volume.root, &volume.description).unwrap_err();
        assert!(matches!(error, RecordError::TooMany(_)), "{error}");
    }
}
