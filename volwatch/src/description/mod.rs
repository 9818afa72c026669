//! What a volume says of itself, in a file on it: which files something is built from, and what is built.
//!
//! Whoever writes the volume writes this file, so nothing in it is trusted. It names files and nothing else: no command, no
//! path that leaves the volume. What it says that is not known refuses the whole of it.
//!
//! As TOML, with the name `.volwatch.toml`:
//!
//! ```toml
//! id = "0b3c9d1e-6c55-4d0e-9a3f-2f1d7c5e8a10" # where the file system has none
//! sources = ["etc/modules", "lib/modules"]   # files, and folders with all that is in them
//! targets = ["boot/image"]                    # what is built of them
//! stamps = ["boot/.image.stamp"]              # where the watcher records what it was built of
//! ```
//!
//! As a property list, `.volwatch.plist`, it is a dictionary with the same keys.

mod file;
mod paths;

use std::path::{Path, PathBuf};

use nix::sys::stat::FileStat;

use crate::VolumeId;
use crate::beneath::{BeneathError, Root, check_relative};

/// The largest description, in bytes.
pub const MAX_BYTES: u64 = 64 << 10;
/// How many sources, targets and stamps there may be, each.
pub const MAX_PATHS: usize = 64;

/// Why a description is refused.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DescriptionError {
    /// It cannot be read as a file.
    #[error(transparent)]
    File(#[from] BeneathError),
    /// It is no text where it has to be.
    #[error("{}: not UTF-8", .0.display())]
    NotText(PathBuf),
    /// It is no TOML, or says what is not known.
    #[error("{}: {reason}", .path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// It is no property list, or says what is not known.
    #[error("{}", .path.display())]
    PropertyList {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<plist::Error>,
    },
    /// It names no source or no stamp, without which nothing can become stale.
    #[error("{}: names no {what}", .path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What there is none of.
        what: &'static str,
    },
    /// What is written would change what was recorded, again and again.
    #[error("{} is written, and {} would change by that", .written.display(), .recorded.display())]
    Overlap {
        /// A target or a stamp.
        written: PathBuf,
        /// A source or a target that it is, or is in.
        recorded: PathBuf,
    },
}

mach_ports::debug_with_causes!(DescriptionError);

/// A description that has been checked. All paths are relative to the volume's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The file that it was read from.
    pub path: PathBuf,
    /// That file as it was, to see whether it has changed.
    pub version: Version,
    /// The id that the volume gives itself.
    pub id: Option<VolumeId>,
    /// What is built from.
    pub sources: Vec<PathBuf>,
    /// What is built.
    pub targets: Vec<PathBuf>,
    /// Where it is recorded.
    pub stamps: Vec<PathBuf>,
}

/// By what a file is known to have changed: when it was written to the nanosecond, its inode and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    modified: (i64, i64),
    inode: u64,
    size: i64,
}

impl Version {
    /// That of a file.
    #[must_use]
    // The types of the fields are not the same on all systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    pub fn of(stat: &FileStat) -> Self {
        Self {
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            inode: stat.st_ino as u64,
            size: stat.st_size as i64,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, nanoseconds) = self.modified;
        write!(f, "{seconds}.{nanoseconds:09} {} {}", self.inode, self.size)
    }
}

/// Reads the first of `names` that the volume has; `None` if it has none of them.
///
/// # Errors
///
/// [`DescriptionError`]: the volume is not to be watched.
pub fn load(root: &Root, names: &[PathBuf]) -> Result<Option<Description>, DescriptionError> {
    for name in names {
        match root.read(name, MAX_BYTES) {
            Ok((bytes, stat)) => return parse(name, &bytes, Version::of(&stat)).map(Some),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Reads a description: TOML if its name ends so, a property list otherwise.
///
/// # Errors
///
/// See [`DescriptionError`].
pub fn parse(path: &Path, bytes: &[u8], version: Version) -> Result<Description, DescriptionError> {
    let file = file::read(path, bytes)?;
    let description = Description {
        path: path.to_owned(),
        version,
        id: file.id,
        sources: file.sources.0,
        targets: file.targets.0,
        stamps: file.stamps.0,
    };
    check(&description)?;
    Ok(description)
}

fn check(description: &Description) -> Result<(), DescriptionError> {
    let Description {
        sources,
        targets,
        stamps,
        ..
    } = description;
    for (what, paths) in [("sources", sources), ("stamps", stamps)] {
        if paths.is_empty() {
            let path = description.path.clone();
            return Err(DescriptionError::Nothing { path, what });
        }
    }
    for path in sources.iter().chain(targets).chain(stamps) {
        check_relative(path)?;
    }
    let pairs = [(targets, sources), (stamps, sources), (stamps, targets)];
    for (written, recorded) in pairs {
        for written in written {
            if let Some(recorded) = recorded.iter().find(|path| written.starts_with(path)) {
                return Err(DescriptionError::Overlap {
                    written: written.clone(),
                    recorded: recorded.clone(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
