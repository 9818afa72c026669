//! Images that were opened and not told yet.

use crate::image::Mapped;

/// How many are kept. With more than these the first are told before the loader is done with the rest; their constructors have
/// not run then either. What is not used of the room takes no memory.
const ROOM: usize = 4096;

pub(crate) struct Batch {
    images: [Mapped; ROOM],
    len: usize,
}

impl Batch {
    pub(crate) const fn new() -> Self {
        Self {
            images: [Mapped::NONE; ROOM],
            len: 0,
        }
    }

    /// Whether there was room.
    pub(crate) fn add(&mut self, image: Mapped) -> bool {
        let Some(place) = self.images.get_mut(self.len) else {
            return false;
        };
        *place = image;
        self.len = self.len.saturating_add(1);
        true
    }

    pub(crate) fn images(&self) -> &[Mapped] {
        self.images.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}
