//! Commands with places for a volume's name, id and root.

use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;

use crate::VolumeId;

/// A program and its arguments. `{root}`, `{uuid}` and `{name}` as whole arguments stand for those of the volume.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Command(Vec<String>);

/// The volume that a command is about.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its root.
    pub root: &'a Path,
    /// Its id.
    pub id: VolumeId,
    /// What it is called.
    pub name: &'a str,
}

impl TryFrom<Vec<String>> for Command {
    type Error = &'static str;

    fn try_from(words: Vec<String>) -> Result<Self, Self::Error> {
        match words.first() {
            Some(program) if !program.is_empty() => Ok(Self(words)),
            _ => Err("a command has a program"),
        }
    }
}

impl Command {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.0[0]
    }

    /// The arguments for this volume.
    pub fn arguments<'a>(&'a self, place: Place<'a>) -> impl Iterator<Item = OsString> + 'a {
        self.0.iter().skip(1).map(move |word| match word.as_str() {
            "{root}" => place.root.into(),
            "{uuid}" => place.id.to_string().into(),
            "{name}" => place.name.into(),
            word => word.into(),
        })
    }
}
