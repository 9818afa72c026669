//! Which volumes there are to be watched, and which are left alone.

use std::path::{Path, PathBuf};

use crate::VolumeId;
use crate::beneath::{BeneathError, Root};
use crate::description::{self, Description, DescriptionError};
use crate::volumes::{Mount, Nature};

/// A folder that the configuration declares a volume, or more about a mounted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its root.
    pub path: PathBuf,
    /// What it is called, instead of its path.
    pub name: Option<String>,
    /// Its id, where the file system has none.
    pub id: Option<VolumeId>,
}

/// A volume to be watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its id.
    pub id: VolumeId,
    /// What people call it: the declared name, or else its path.
    pub name: String,
    /// Its root.
    pub root: PathBuf,
    /// The device that it is on. Another one at the same place is another volume.
    pub device: u64,
    /// Whether it is mounted, and not a folder in another volume.
    pub mounted: bool,
    /// What it says of itself.
    pub description: Description,
}

/// Why a volume is not watched.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Left {
    /// It is read-only, on another machine, or none.
    #[error("{}", .0.reason())]
    Nature(Nature),
    /// It has no description.
    #[error("it has no description")]
    NoDescription,
    /// Its description is refused.
    #[error("its description is refused")]
    Description(#[source] DescriptionError),
    /// It has no id: neither the file system nor the configuration nor the description gives one.
    #[error("it has no id: give it one in its description or in the configuration")]
    NoId,
    /// Its root cannot be opened.
    #[error("its root cannot be opened")]
    Root(#[source] BeneathError),
}

mach_ports::debug_with_causes!(Left);

impl Left {
    /// Whether somebody meant it to be watched, so that the log should say why it is not.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        !matches!(self, Self::Nature(_) | Self::NoDescription)
    }
}

/// Looks at one place. `mount` is what is mounted there, `declared` what the configuration says of it.
///
/// # Errors
///
/// [`Left`] says why it is not watched.
pub fn find(
    mount: Option<&Mount>,
    declared: Option<&Declared>,
    descriptions: &[PathBuf],
) -> Result<Found, Left> {
    if let Some(mount) = mount
        && mount.nature != Nature::Local
    {
        return Err(Left::Nature(mount.nature));
    }
    let path: &Path = match (mount, declared) {
        (Some(mount), _) => &mount.root,
        (None, Some(declared)) => &declared.path,
        (None, None) => return Err(Left::NoDescription),
    };
    let root = Root::open(path).map_err(Left::Root)?;
    let number = mount.and_then(|mount| mount.number);
    if number.is_some() && number != root.mount_number() {
        // Something else is mounted over it.
        return Err(Left::NoDescription);
    }
    let description = match description::load(&root, descriptions) {
        Ok(Some(description)) => description,
        Ok(None) => return Err(Left::NoDescription),
        Err(error) => return Err(Left::Description(error)),
    };
    let of_file_system = mount.and_then(|mount| mount.uuid);
    // The configuration is trusted, the description is not.
    let declared_id = declared.and_then(|declared| declared.id);
    let id = [of_file_system, declared_id, description.id]
        .into_iter()
        .flatten()
        .find(|id| !id.is_nil())
        .ok_or(Left::NoId)?;
    let name = declared
        .and_then(|declared| declared.name.clone())
        .unwrap_or_else(|| path.display().to_string());
    Ok(Found {
        id,
        name,
        root: path.to_owned(),
        device: root.device(),
        mounted: mount.is_some(),
        description,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIL: Option<VolumeId> = Some(VolumeId::nil());

    fn id(number: u128) -> Option<VolumeId> {
        Some(VolumeId::from_u128(number))
    }

    /// The id that is found where the file system, the configuration and the description say these.
    fn found(uuid: Option<VolumeId>, said: Option<VolumeId>, of: &str) -> Option<VolumeId> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let text = format!("{of}sources = ['a']\nstamps = ['s']\n");
        std::fs::write(root.join("d.toml"), text).unwrap();
        let mount = Mount {
            root: root.clone(),
            number: None,
            device: None,
            source: String::new(),
            kind: "ext4".to_owned(),
            nature: Nature::Local,
            uuid,
        };
        let declared = Declared {
            path: root,
            name: None,
            id: said,
        };
        match find(Some(&mount), Some(&declared), &["d.toml".into()]) {
            Ok(found) => Some(found.id),
            Err(left) => {
                assert!(matches!(left, Left::NoId), "{left:?}");
                None
            }
        }
    }

    #[test]
    fn a_nil_id_is_none() {
        let nil = format!("id = '{}'\n", VolumeId::nil());
        let third = format!("id = '{}'\n", VolumeId::from_u128(3));
        assert_eq!(found(id(1), id(2), &third), id(1));
        assert_eq!(found(NIL, id(2), &third), id(2));
        assert_eq!(found(None, NIL, &third), id(3));
        assert_eq!(found(NIL, NIL, &third), id(3));
        assert_eq!(found(NIL, None, &nil), None);
        assert_eq!(found(None, None, ""), None);
    }
}
