//! Something that happens once and can be waited for.

use parking_lot::{Condvar, Mutex};

/// A place for a value that is set once.
#[derive(Debug)]
pub(crate) struct Latch<T> {
    value: Mutex<Option<T>>,
    set: Condvar,
}

impl<T> Latch<T> {
    pub(crate) const fn new() -> Self {
        Self {
            value: Mutex::new(None),
            set: Condvar::new(),
        }
    }

    pub(crate) fn set(&self, value: T) {
        *self.value.lock() = Some(value);
        self.set.notify_all();
    }

    /// Waits for the value and takes it out. One waiter only.
    pub(crate) fn take(&self) -> T {
        let mut value = self.value.lock();
        loop {
            match value.take() {
                Some(value) => return value,
                None => self.set.wait(&mut value),
            }
        }
    }
}
