//! Keeping signals from a thread for a while: a handler could come back here, or keep the monitors waiting.

use super::{number, syscall};

/// The mask as it was.
pub(crate) struct Blocked(u64);

/// Blocks all signals of this thread until the value is dropped.
pub(crate) fn block() -> Blocked {
    let mut before = 0;
    mask(&u64::MAX, &mut before);
    Blocked(before)
}

impl Drop for Blocked {
    fn drop(&mut self) {
        mask(&self.0, &mut 0);
    }
}

fn mask(set: &u64, before: &mut u64) {
    const SIG_SETMASK: usize = 2;
    let (set, before): (*const u64, *mut u64) = (set, before);
    // SAFETY: both are as long as the kernel's sets.
    unsafe {
        syscall(
            number::RT_SIGPROCMASK,
            [SIG_SETMASK, set as usize, before as usize, 8, 0, 0],
        )
    };
}
