//! Whether the table of descriptors has room for whatever one packet may bring.
//!
//! What finds no number is closed by the kernel below in the very read that brings it, and such a closing may be held up.
//! So where the table is nearly full, packets with descriptors are read by threads that have nothing else to do.
//!
//! Each read asks, so it is looked at once a tick of the kernel below at most, which is some milliseconds: what the program itself
//! opens meanwhile has room set aside.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use nix::errno::Errno;
use nix::sys::stat::stat;
use nix::time::ClockId;

use super::clock::nanoseconds;
use super::limits;
use super::packet::MAX_DESCRIPTORS;

/// What a packet may bring, and as many again, which may be opened until the next look.
const ENOUGH: u32 = 2 * MAX_DESCRIPTORS as u32;

/// The tick in which it was looked last, and whether there was too little.
static LAST: AtomicU64 = AtomicU64::new(0);
const SHORT: u64 = 1;

/// Whether there is less room than one packet may need.
pub(crate) fn is_short() -> bool {
    #[cfg(test)]
    if tests::PRETENDED.get() {
        return true;
    }
    let now = nanoseconds(ClockId::CLOCK_MONOTONIC_COARSE) & !SHORT;
    let last = LAST.load(Relaxed);
    if last & !SHORT == now {
        return last & SHORT != 0;
    }
    let short = free() < ENOUGH;
    LAST.store(now | if short { SHORT } else { 0 }, Relaxed);
    short
}

/// How many descriptors may be opened yet: [`ENOUGH`] stands for more.
fn free() -> u32 {
    let limit = limits::now();
    let free = match open() {
        Some(open) => limit.saturating_sub(open),
        None => counted(limit),
    };
    free.min(ENOUGH)
}

/// How many descriptors are open, where the kernel below says so (Linux 6.2).
fn open() -> Option<u32> {
    let folder = stat(c"/proc/thread-self/fd").ok()?;
    // Older ones say 0.
    u32::try_from(folder.st_size).ok().filter(|&open| open > 0)
}

/// As many free numbers as are needed, counted from the highest on, where they are.
fn counted(limit: u32) -> u32 {
    let mut free = 0;
    for number in (0..limit).rev() {
        if !is_open(number.cast_signed()) {
            free += 1;
            if free == ENOUGH {
                break;
            }
        }
    }
    free
}

fn is_open(number: RawFd) -> bool {
    // SAFETY: asks for a flag of the number's, whatever that stands for.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFD) };
    Errno::result(flags).is_ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// This thread is to find the table full.
        pub(crate) static PRETENDED: Cell<bool> = const { Cell::new(false) };
    }

    #[test]
    fn both_ways_of_counting_agree() {
        // Others of this process open and close some meanwhile: there are more free than it takes, or far fewer.
        assert_eq!(counted(100_000), ENOUGH);
        assert!(counted(3) < 3);
        if let Some(open) = open() {
            let counted = (0..100_000).filter(|&number| is_open(number)).count();
            assert!(counted.abs_diff(open as usize) < 200, "{counted}, {open}");
        }
    }
}
