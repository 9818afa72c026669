//! Numbers that nobody can guess.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many are asked for at a time: each right that leaves has one.
const AT_ONCE: usize = 32;

/// How many forks this process goes back to.
static FORKS: AtomicU32 = AtomicU32::new(0);

// A thread that had it when the process was copied does not give it back in the child: nobody waits for it.
static KEPT: Mutex<Numbers> = Mutex::new(Numbers::none());

/// Numbers that have been asked for, of which the first few are left.
struct Numbers {
    all: [u64; AT_ONCE],
    left: usize,
    /// Of how many forks the process knew then: those from before one are the parent's.
    forks: u32,
}

impl Numbers {
    const fn none() -> Self {
        Self {
            all: [0; AT_ONCE],
            left: 0,
            forks: 0,
        }
    }

    fn next(&mut self) -> Option<u64> {
        let forks = FORKS.load(Ordering::Relaxed);
        if self.left == 0 || self.forks != forks {
            let bytes = size_of_val(&self.all);
            // SAFETY: the buffer is as long as the call is told.
            let got = unsafe { libc::getrandom(self.all.as_mut_ptr().cast(), bytes, 0) };
            self.left = usize::try_from(got).unwrap_or(0) / size_of::<u64>();
            self.forks = forks;
        }
        self.left = self.left.checked_sub(1)?;
        // It is in nobody else's hands.
        self.all.get_mut(self.left).map(std::mem::take)
    }
}

/// A number that a peer cannot guess; used as a hint and as a nonce, so a failing source only costs recognition.
pub(crate) fn number() -> u64 {
    let next = match KEPT.try_lock() {
        Ok(mut kept) => kept.next(),
        Err(_) => Numbers::none().next(),
    };
    next.unwrap_or_else(super::clock::now_stamp)
}

/// In a forked child: its parent has the numbers that are left.
pub(crate) fn after_fork_in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_comes_twice() {
        let numbers: HashSet<_> = (0..10 * AT_ONCE).map(|_| number()).collect();
        assert_eq!(numbers.len(), 10 * AT_ONCE);
    }

    #[test]
    fn what_was_asked_for_before_a_fork_is_the_parents() {
        let mut numbers = Numbers {
            all: [7; AT_ONCE],
            left: 3,
            forks: FORKS.load(Ordering::Relaxed),
        };
        assert_eq!(numbers.next(), Some(7));
        after_fork_in_child();
        assert_ne!(numbers.next(), Some(7));
        assert_eq!(numbers.left, AT_ONCE - 1);
    }
}
