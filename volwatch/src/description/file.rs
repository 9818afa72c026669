//! The two forms of the file.

use std::path::Path;

use serde::Deserialize;

use crate::VolumeId;
use crate::description::DescriptionError;
use crate::description::paths::Paths;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) id: Option<VolumeId>,
    pub(super) sources: Paths,
    #[serde(default)]
    pub(super) targets: Paths,
    pub(super) stamps: Paths,
}

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<File, DescriptionError> {
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        let text = str::from_utf8(bytes).map_err(|_| DescriptionError::NotText(path.to_owned()))?;
        toml::from_str(text).map_err(|error| DescriptionError::Toml {
            path: path.to_owned(),
            // Without the line of the file, which is the volume's to write, for the log.
            reason: error.message().to_owned(),
        })
    } else {
        plist::from_bytes(bytes).map_err(|source| DescriptionError::PropertyList {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }
}
