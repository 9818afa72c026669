//! What can be locked.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// A thing that can be locked: a volume or another object with an id of 128 bits, or anything with a name.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
// Exhaustive: there is no third way to say which one is meant.
pub enum Resource {
    /// By an id. Volumes are locked by the id of their file system.
    Id(Uuid),
    /// By a name, of [`LONGEST_NAME`](Self::LONGEST_NAME) bytes at most.
    Name(Arc<str>),
}

impl Resource {
    /// The longest name, in bytes.
    pub const LONGEST_NAME: usize = 255;

    /// The resource with a name; `None` if it is empty or too long.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        (1..=Self::LONGEST_NAME)
            .contains(&name.len())
            .then(|| Self::Name(name.into()))
    }

    /// As it travels: a word that tells ids (0) from names (1), and the bytes.
    pub(crate) fn to_wire(&self) -> (u32, &[u8]) {
        match self {
            Self::Id(id) => (0, id.as_bytes()),
            Self::Name(name) => (1, name.as_bytes()),
        }
    }

    /// What a peer sent; `None` if it is neither.
    pub(crate) fn from_wire(kind: u32, bytes: &[u8]) -> Option<Self> {
        match kind {
            0 => Uuid::from_slice(bytes).ok().map(Self::Id),
            1 => str::from_utf8(bytes).ok().and_then(Self::named),
            _ => None,
        }
    }
}

impl From<Uuid> for Resource {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => write!(f, "{name:?}"),
        }
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_arrives() {
        let id = Resource::Id(Uuid::from_u128(7));
        let name = Resource::named("the cache").unwrap();
        for resource in [id, name] {
            let (kind, bytes) = resource.to_wire();
            assert_eq!(Resource::from_wire(kind, bytes), Some(resource));
        }
    }

    #[test]
    fn what_is_no_resource_is_refused() {
        let long = "x".repeat(Resource::LONGEST_NAME + 1);
        let refused: [(u32, &[u8]); 6] = [
            (0, &[0; 15]),
            (0, &[0; 17]),
            (1, b""),
            (1, long.as_bytes()),
            (1, &[0xff]),
            (2, &[0; 16]),
        ];
        for (kind, bytes) in refused {
            assert_eq!(Resource::from_wire(kind, bytes), None);
        }
    }
}
