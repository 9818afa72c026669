//! What the kernel has.

use std::ptr;

/// The version of landlock that keeps files from being truncated.
pub(super) const TRUNCATION: i32 = 3;
/// The version that has scopes.
pub(super) const SCOPES: i32 = 6;
/// The version that can bind all threads of a process at once.
pub(super) const ALL_THREADS: i32 = 8;

/// `LANDLOCK_CREATE_RULESET_VERSION`.
const VERSION: u32 = 1;

/// The version of landlock; 0 if there is none.
pub(super) fn landlock_abi() -> i32 {
    // SAFETY: with this flag it takes no attributes, and returns a number.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<u8>(),
            0_usize,
            VERSION,
        )
    };
    i32::try_from(version).map_or(0, |version| version.max(0))
}

/// Whether filters of system calls can be had.
pub(super) fn has_filters() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    // SAFETY: the action is valid to read.
    let known = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_GET_ACTION_AVAIL,
            0,
            &raw const action,
        )
    };
    known == 0
}
