//! This process, and the time.

use super::{number, result, syscall};

pub(crate) fn id() -> u32 {
    // SAFETY: takes nothing.
    unsafe { syscall(number::GETPID, [0; 6]) as u32 }
}

pub(crate) fn parent() -> u32 {
    // SAFETY: takes nothing.
    unsafe { syscall(number::GETPPID, [0; 6]) as u32 }
}

/// The monotonic clock, in nanoseconds.
pub(crate) fn now() -> u64 {
    const CLOCK_MONOTONIC: usize = 1;
    let mut time = [0_u64; 2];
    // SAFETY: `time` is as long as what the kernel writes.
    unsafe {
        syscall(
            number::CLOCK_GETTIME,
            [CLOCK_MONOTONIC, time.as_mut_ptr() as usize, 0, 0, 0, 0],
        )
    };
    let [seconds, nanoseconds] = time;
    seconds
        .wrapping_mul(1_000_000_000)
        .wrapping_add(nanoseconds)
}

/// The soft limit of descriptors.
pub(crate) fn descriptor_limit() -> usize {
    const RLIMIT_NOFILE: usize = 7;
    let mut limits = [0_usize; 2];
    let arguments = [0, RLIMIT_NOFILE, 0, limits.as_mut_ptr() as usize, 0, 0];
    // SAFETY: `limits` is as long as what the kernel writes.
    match result(unsafe { syscall(number::PRLIMIT64, arguments) }) {
        Ok(_) => limits[0],
        Err(_) => 0,
    }
}

/// The program's path, in `room`.
pub(crate) fn program(room: &mut [u8]) -> &[u8] {
    const NOWHERE: usize = 0;
    let path = c"/proc/self/exe";
    let arguments = [
        NOWHERE,
        path.as_ptr() as usize,
        room.as_mut_ptr() as usize,
        room.len(),
        0,
        0,
    ];
    // SAFETY: a string, and memory of that length.
    let len = result(unsafe { syscall(number::READLINKAT, arguments) }).unwrap_or(0);
    room.get(..len).unwrap_or_default()
}
