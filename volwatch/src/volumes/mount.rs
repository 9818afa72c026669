//! What the system says of something mounted.

use std::path::PathBuf;

use crate::VolumeId;

/// A file system that is mounted. One that is mounted at several places is one volume, at the place that shows most of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub root: PathBuf,
    /// The number of the mount, where the system has such numbers.
    pub number: Option<u64>,
    /// The number of the file system's device, where the system says it with the mount. That of its files may be another.
    pub device: Option<u64>,
    /// What is mounted, for example `/dev/sda1`.
    pub source: String,
    /// The type of the file system, for example `ext4`.
    pub kind: String,
    /// What it is to the watcher.
    pub nature: Nature,
    /// The file system's own UUID. A nil one counts as none.
    pub uuid: Option<VolumeId>,
}

/// Whether something mounted can be a watched volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Nature {
    /// Files of this machine that can be written.
    Local,
    /// Nothing can be rebuilt on it.
    ReadOnly,
    /// Another machine or a process answers for its files, when it will.
    Network,
    /// The kernel's own tables as files.
    Virtual,
}

impl Nature {
    /// Why something of this nature is left alone.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Local => "nothing is wrong with it",
            Self::ReadOnly => "it is read-only",
            Self::Network => "another machine or a process answers for its files",
            Self::Virtual => "its files are the kernel's",
        }
    }
}
