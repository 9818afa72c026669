//! Waiting for another thread to block, which no event tells.

use std::time::Instant;

use crate::letter::DEADLINE;

/// How long an attempt gives the other thread, in turns of the processor: no time is measured.
#[derive(Clone, Copy, Debug)]
pub struct Patience(u32);

impl Patience {
    /// Lets other threads run.
    pub fn wait(self) {
        for _ in 0..self.0 {
            std::thread::yield_now();
        }
    }
}

/// Makes attempts, each more patient than the one before, until one gives something: `None` means that the other
/// thread had not got as far as it should.
///
/// # Panics
/// If the deadline passes before that.
#[track_caller]
pub fn until_blocked<T>(mut attempt: impl FnMut(Patience) -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    let mut turns = 16;
    while Instant::now() < deadline {
        if let Some(outcome) = attempt(Patience(turns)) {
            return outcome;
        }
        turns = (turns * 2).min(1 << 20);
    }
    panic!("the other thread never blocked");
}
