//! Lists of paths, bounded while they are read.

use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::description::MAX_PATHS;

/// A small file can make a long list: in a binary property list the same text may stand at any number of places.
#[derive(Debug, Default)]
pub(super) struct Paths(pub(super) Vec<PathBuf>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Paths;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_PATHS} paths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Paths, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = list.next_element::<String>()? {
            if paths.len() == MAX_PATHS {
                return Err(A::Error::invalid_length(MAX_PATHS + 1, &self));
            }
            paths.push(path.into());
        }
        Ok(Paths(paths))
    }
}
