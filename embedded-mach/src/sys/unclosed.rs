//! Whose descriptors are being closed, and how many.
//!
//! A descriptor whose closing is held up is still in this task's table. It counts as what its sender makes this task
//! hold, for else who sends one after the other would fill the table and never be charged.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Counts = BTreeMap<i32, u32>;

static COUNTS: Mutex<Counts> = Mutex::new(BTreeMap::new());

thread_local! {
    static HELD_OVER_FORK: RefCell<Option<MutexGuard<'static, Counts>>> = const { RefCell::new(None) };
}

fn counts() -> MutexGuard<'static, Counts> {
    COUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One descriptor that is being closed, for as long as this lives.
#[derive(Debug)]
pub(super) struct Unclosed(i32);

impl Unclosed {
    /// Of the process that has sent it.
    pub(super) fn of(pid: i32) -> Self {
        let mut counts = counts();
        let count = counts.entry(pid).or_default();
        *count = count.saturating_add(1);
        Self(pid)
    }
}

impl Drop for Unclosed {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = counts().entry(self.0) {
            *count.get_mut() = count.get().saturating_sub(1);
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// How many descriptors of a process are being closed.
pub(crate) fn of(pid: i32) -> u32 {
    counts().get(&pid).copied().unwrap_or_default()
}

/// Keeps the counts as they are while the process is copied.
pub(super) fn before_fork() {
    HELD_OVER_FORK.with(|held| *held.borrow_mut() = Some(counts()));
}

pub(super) fn after_fork_in_parent() {
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}

/// In a forked child, where none of the threads are that close something.
pub(super) fn after_fork_in_child() {
    let held = HELD_OVER_FORK.with(|held| held.borrow_mut().take());
    if let Some(mut counts) = held {
        counts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_counts_no_more() {
        // Of a process that there cannot be.
        let pid = i32::MIN;
        let all: Vec<_> = (0..3).map(|_| Unclosed::of(pid)).collect();
        assert_eq!((of(pid), of(pid + 1)), (3, 0));
        drop(all);
        assert_eq!(of(pid), 0);
        assert!(!counts().contains_key(&pid));
    }
}
