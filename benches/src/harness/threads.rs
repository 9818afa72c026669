//! Threads that do the same together.

use std::thread;

use crate::Result;

/// Runs `part` in so many threads at once, until all have ended; the first failure is the whole's.
pub(crate) fn together(threads: usize, part: impl Fn() -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(&part)).collect();
        all.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err("a thread has panicked".into()))
        })
    })
}
