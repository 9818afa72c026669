//! What a sender waits for whose message has no room on the way to another task.

use std::os::fd::AsFd;
use std::sync::Arc;

use crate::sys::foreign::Foreign;
use crate::sys::parker::Waitable;
use crate::sys::watch::Watch;

/// A sending end, and a watch that shows each time something of what went by it is read, or its other side ends.
///
/// That it can be written to shows nothing: it can as long as there is room for bytes.
#[derive(Debug)]
pub(super) struct Way {
    end: Arc<Foreign>,
    watch: Watch,
}

impl Way {
    pub(super) fn new(end: &Arc<Foreign>) -> std::io::Result<Self> {
        let watch = Watch::new()?;
        watch.add_both(end.as_fd(), 0)?;
        let way = Self {
            end: Arc::clone(end),
            watch,
        };
        way.forget_event();
        Ok(way)
    }

    /// Whether it is about this end.
    pub(super) fn is(&self, end: &Arc<Foreign>) -> bool {
        Arc::ptr_eq(&self.end, end)
    }

    /// Readable when something has happened since the last was forgotten.
    pub(super) fn event(&self) -> Waitable {
        self.watch.descriptor()
    }

    /// What happens from now on counts.
    pub(super) fn forget_event(&self) {
        let _ = self.watch.ready();
    }
}
