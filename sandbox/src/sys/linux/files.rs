//! Which files can be opened: a ruleset of landlock.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
};

use crate::profile::{Access, Network};
use crate::{EnterError, Profile};

/// The newest that the crate knows: it takes of it what the kernel has.
const NEWEST: ABI = ABI::V10;

pub(super) struct Rules<'a> {
    profile: &'a Profile,
    /// What the process needs for itself, and may be missing.
    further: Vec<(BitFlags<AccessFs>, PathBuf)>,
}

/// Reading a file, or all below a folder.
pub(super) fn reading() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

/// Executing, of which reading is a part.
pub(super) fn executing() -> BitFlags<AccessFs> {
    AccessFs::from_read(NEWEST)
}

fn allowed(access: Access) -> BitFlags<AccessFs> {
    match access {
        Access::Read => reading(),
        Access::Execute => executing(),
        // Sockets of the file system are of the network; to make devices takes root.
        Access::Write => {
            AccessFs::from_write(ABI::V3)
                & !(AccessFs::MakeSock | AccessFs::MakeChar | AccessFs::MakeBlock)
        }
    }
}

impl<'a> Rules<'a> {
    pub(super) fn of(profile: &'a Profile, further: Vec<(BitFlags<AccessFs>, PathBuf)>) -> Self {
        Self { profile, further }
    }

    /// The ruleset; `None` if the kernel has no landlock.
    pub(super) fn ruleset(self) -> Result<Option<OwnedFd>, EnterError> {
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))
            .and_then(|ruleset| ruleset.scope(Scope::from_all(NEWEST)))
            .and_then(|ruleset| match self.profile.network {
                Network::None => ruleset.handle_access(AccessNet::from_all(NEWEST)),
                Network::Loopback | Network::Any => Ok(ruleset),
            })
            .and_then(Ruleset::create);
        let mut ruleset = ruleset.map_err(failed)?;
        for (access, path) in &self.profile.paths {
            let rule = rule(allowed(*access), path).map_err(|source| EnterError::Path {
                path: path.clone(),
                source,
            })?;
            ruleset = ruleset.add_rule(rule).map_err(failed)?;
        }
        for (access, path) in &self.further {
            if let Ok(rule) = rule(*access, path) {
                ruleset = ruleset.add_rule(rule).map_err(failed)?;
            }
        }
        Ok(ruleset.into())
    }
}

fn rule(access: BitFlags<AccessFs>, path: &Path) -> io::Result<PathBeneath<OwnedFd>> {
    let opened = open(path)?;
    let is_folder = opened.metadata()?.is_dir();
    let access = if is_folder {
        access
    } else {
        access & AccessFs::from_file(NEWEST)
    };
    Ok(PathBeneath::new(opened.into(), access))
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open(path)
}

fn failed(error: RulesetError) -> EnterError {
    EnterError::Call {
        step: "make a ruleset of landlock",
        source: io::Error::other(error),
    }
}
