//! One watched volume.

use crate::table::pin::Pin;
use crate::volumes::Found;

/// Whether a look has to be repeated, since something has changed after it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    No,
    Yes,
}

pub(crate) struct Volume {
    pub(crate) found: Found,
    /// Keeps it mounted while it is locked.
    pub(crate) pin: Option<Pin>,
    /// Whether owners were made to count for its holder, and did not before.
    pub(crate) owners_set: bool,
    /// It was to be looked at while somebody was at work on it.
    pub(crate) again: bool,
    /// Whether it is being looked at for the daemon's own reasons.
    pub(crate) checking: Option<Repeat>,
    /// Why its changes are not noticed.
    pub(crate) unwatched: Option<String>,
    /// Why it is not rebuilt, as it is.
    pub(crate) trouble: Option<String>,
}

impl Volume {
    pub(crate) const fn new(found: Found) -> Self {
        Self {
            found,
            pin: None,
            owners_set: false,
            again: false,
            checking: None,
            unwatched: None,
            trouble: None,
        }
    }

    /// Says once what is wrong, or that nothing is any more.
    pub(crate) fn set_trouble(&mut self, trouble: Option<String>) {
        if self.trouble != trouble {
            let (id, name) = (self.found.id, &self.found.name);
            match &trouble {
                Some(trouble) => tracing::warn!(%id, name, trouble, "the volume cannot be checked"),
                None => tracing::info!(%id, name, "the volume can be checked again"),
            }
            self.trouble = trouble;
        }
    }
}
