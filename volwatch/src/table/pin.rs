//! What keeps a volume mounted.

use std::os::fd::OwnedFd;

use crate::sys;
use crate::volumes::Found;

/// While it lives, the system refuses to unmount the volume.
#[derive(Debug)]
pub(crate) struct Pin(#[expect(dead_code, reason = "it is held, not used")] OwnedFd);

impl Pin {
    /// `None` if the volume cannot be opened, as one that is being unmounted.
    pub(crate) fn new(found: &Found) -> Option<Self> {
        sys::pin(&found.root)
            .inspect_err(|error| {
                tracing::warn!(root = %found.root.display(), %error, "cannot keep the volume mounted");
            })
            .ok()
            .map(Self)
    }
}
