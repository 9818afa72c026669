//! The stack of a new process that shares this one's memory.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::Mutex;

/// Far more than the few calls take that are made on it.
const SIZE: usize = 64 * 1024;
/// What is below and cannot be touched: a page, on every processor.
const GUARD: usize = 64 * 1024;

pub(super) struct Stack(*mut c_void);

// SAFETY: memory of the process's own, which nobody uses but who has the value.
unsafe impl Send for Stack {}

/// One that was used before. To map and unmap one costs as much as a tenth of a child's making.
static SPARE: Mutex<Option<Stack>> = Mutex::new(None);

impl Stack {
    pub(super) fn take() -> io::Result<Self> {
        // Not waited for: in a forked child nobody may be there to give the lock back.
        let spare = SPARE.try_lock().ok().and_then(|mut spare| spare.take());
        spare.map_or_else(Self::new, Ok)
    }

    /// Keeps it for the next child, if there is none kept.
    pub(super) fn give_back(self) {
        if let Ok(mut spare) = SPARE.try_lock()
            && spare.is_none()
        {
            *spare = Some(self);
        }
    }

    fn new() -> io::Result<Self> {
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
