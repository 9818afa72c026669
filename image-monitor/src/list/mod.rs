//! Which images a process has, and which it had.

mod location;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::Image;

pub use location::Location;

/// Images that a process may have at once. What says that it has more is hostile, and is not believed.
pub const MAX_IMAGES: usize = 65_536;

/// The images of a process at one moment, and those that it had before.
///
/// Stacks that were taken while a library was loaded are looked up after it is gone, by
/// [`find_at`](Self::find_at).
#[derive(Debug, Clone, Default)]
pub struct ImageList {
    present: BTreeMap<u64, Arc<Image>>,
    past: VecDeque<PastImage>,
    kept: usize,
}

/// An image that a process had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastImage {
    /// The image as it was.
    pub image: Arc<Image>,
    /// When it was unloaded, by the clock of [`Image::timestamp`].
    pub unloaded: u64,
}

impl ImageList {
    /// An empty list that keeps so many images that are gone.
    pub(crate) fn new(kept: usize) -> Self {
        Self {
            kept,
            ..Self::default()
        }
    }

    /// The images that are mapped, by ascending address.
    pub fn present(&self) -> impl ExactSizeIterator<Item = &Arc<Image>> {
        self.present.values()
    }

    /// Those that were unloaded, the first first. The oldest are forgotten, beyond what
    /// [`MonitorOptions::history`](crate::MonitorOptions::history) says.
    pub fn past(&self) -> impl ExactSizeIterator<Item = &PastImage> {
        self.past.iter()
    }

    /// The image that was loaded at exactly this address.
    #[must_use]
    pub fn at(&self, load_address: u64) -> Option<&Arc<Image>> {
        self.present.get(&load_address)
    }

    /// What is mapped at `address` now.
    #[must_use]
    pub fn find(&self, address: u64) -> Option<Location> {
        let below = self.present.range(..=address).rev();
        // Loaders reserve an image's whole range: what is below the nearest of known size does not reach further.
        let mut known = below.filter(|(_, image)| image.size().is_some());
        known
            .next()
            .and_then(|(_, image)| Location::new(image, address))
    }

    /// What was mapped at `address` at the time `timestamp`, by the clock of [`Image::timestamp`].
    #[must_use]
    pub fn find_at(&self, address: u64, timestamp: u64) -> Option<Location> {
        let past = self.past.iter().rev().find_map(|past| {
            (past.image.timestamp <= timestamp && timestamp < past.unloaded)
                .then(|| Location::new(&past.image, address))?
        });
        past.or_else(|| {
            self.find(address)
                .filter(|found| found.image.timestamp <= timestamp)
        })
    }

    /// Adds an image. One that was there is gone, although nobody has said so. `false`: there are too many.
    pub(crate) fn load(&mut self, image: Arc<Image>) -> bool {
        let (address, timestamp) = (image.load_address, image.timestamp);
        // Another monitor may have told of it before.
        if self.at(address).is_none_or(|known| **known != *image) {
            self.unload(address, timestamp);
        }
        let has_room = self.present.len() < MAX_IMAGES;
        if has_room {
            self.present.insert(address, image);
        }
        has_room
    }

    /// Takes over what another monitor of the process has seen.
    pub(crate) fn begin_with(&mut self, other: &Self) {
        for image in other.present() {
            self.load(Arc::clone(image));
        }
    }

    /// Takes an image away, and returns it if it was there.
    pub(crate) fn unload(&mut self, load_address: u64, timestamp: u64) -> Option<Arc<Image>> {
        let image = self.present.remove(&load_address)?;
        self.past.push_back(PastImage {
            image: Arc::clone(&image),
            unloaded: timestamp,
        });
        if self.past.len() > self.kept {
            self.past.pop_front();
        }
        Some(image)
    }
}
