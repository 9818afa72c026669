//! The stack of a new process that shares this one's memory.

use std::ffi::c_void;
use std::io;
use std::ptr;

/// Far more than the few calls take that are made on it.
const SIZE: usize = 64 * 1024;
/// What is below and cannot be touched: a page, on every processor.
const GUARD: usize = 64 * 1024;

pub(super) struct Stack(*mut c_void);

impl Stack {
    pub(super) fn new() -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK | libc::MAP_NORESERVE;
        // SAFETY: maps new memory, over none that is there.
        let base =
            unsafe { libc::mmap(ptr::null_mut(), GUARD + SIZE, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let stack = Self(base);
        // SAFETY: the upper part of what was mapped above.
        let opened = unsafe {
            libc::mprotect(
                base.byte_add(GUARD),
                SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
        if opened != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(stack)
    }

    /// Where it begins: it grows downwards.
    pub(super) fn top(&self) -> *mut c_void {
        // SAFETY: the end of the mapping, aligned as a page.
        unsafe { self.0.byte_add(GUARD + SIZE) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: what `new` mapped, and nobody uses any more.
        unsafe { libc::munmap(self.0, GUARD + SIZE) };
    }
}
