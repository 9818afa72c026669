use std::sync::Arc;

use crate::Image;

/// What is behind an address: for symbols, look the image up by its build id, and in its file the offset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The image that is, or was, mapped there.
    pub image: Arc<Image>,
    /// How far from its load address.
    pub offset: u64,
    /// Where in its file, if those bytes come from the file.
    pub file_offset: Option<u64>,
}

impl Location {
    /// `None`: the image is not there, or it is unknown how far it reaches.
    pub(crate) fn new(image: &Arc<Image>, address: u64) -> Option<Self> {
        image.contains(address).then(|| Self {
            image: Arc::clone(image),
            offset: address.wrapping_sub(image.load_address),
            file_offset: image.file_offset(address),
        })
    }
}
