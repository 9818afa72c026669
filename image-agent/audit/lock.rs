//! A lock that nobody waits for.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// A value that one thread at a time has.
pub(crate) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `held` gives the value to one thread at a time.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Does nothing if the value is in use: by another thread, or by a caller of this very call.
    pub(crate) fn try_with(&self, act: impl FnOnce(&mut T)) {
        if self.held.swap(true, Ordering::Acquire) {
            return;
        }
        // SAFETY: nobody else has it until `held` is cleared.
        act(unsafe { &mut *self.value.get() });
        self.held.store(false, Ordering::Release);
    }
}
