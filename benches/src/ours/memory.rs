//! Memory that messages give away.

use std::ptr::{NonNull, with_exposed_provenance_mut};

use mach_ports::ffi::vm_statistics::VM_FLAGS_ANYWHERE;
use mach_ports::ffi::{extra, traps};

use crate::Result;

/// Memory of this task, from `vm_allocate` or from a message.
pub(crate) struct Region {
    start: NonNull<u8>,
    len: usize,
}

impl Region {
    /// Memory that is written to.
    pub(crate) fn filled(len: usize) -> Result<Self> {
        let mut address = 0;
        // SAFETY: the address can be written; the call gives memory that nobody has.
        let code = unsafe {
            extra::vm_allocate(
                traps::mach_task_self(),
                &mut address,
                len,
                VM_FLAGS_ANYWHERE,
            )
        };
        if code != 0 {
            return Err(format!("vm_allocate returned {code:#x}").into());
        }
        // SAFETY: the memory is new.
        let mut region = unsafe { Self::from_raw(address, len) };
        region.bytes().fill(1);
        Ok(region)
    }

    /// Takes memory over.
    ///
    /// # Safety
    ///
    /// `len` bytes from `address` on were given to this task by the kernel, can be read and written, and are nobody
    /// else's.
    pub(crate) unsafe fn from_raw(address: usize, len: usize) -> Self {
        match NonNull::new(with_exposed_provenance_mut(address)) {
            Some(start) => Self { start, len },
            None => Self {
                start: NonNull::dangling(),
                len: 0,
            },
        }
    }

    /// Gives it up: its address and length.
    pub(crate) fn into_raw(self) -> (usize, usize) {
        let region = std::mem::ManuallyDrop::new(self);
        (region.start.as_ptr().expose_provenance(), region.len)
    }

    /// All of it.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: what `from_raw` was promised, or nothing at all.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let address = self.start.as_ptr().expose_provenance();
        if self.len > 0 {
            // SAFETY: the memory is owned, and nothing borrows from it any more.
            unsafe { extra::vm_deallocate(traps::mach_task_self(), address, self.len) };
        }
    }
}

/// Reads a byte at the beginning, in the middle and at the end, which must be what was written. What a receiver does
/// with all the others is no part of the hand-over.
pub(crate) fn look(bytes: &[u8]) -> Result<()> {
    let places = [bytes.first(), bytes.get(bytes.len() / 2), bytes.last()];
    if places.into_iter().all(|byte| byte == Some(&1)) {
        Ok(())
    } else {
        Err("these are not the bytes that were given away".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_can_be_looked_at_until_a_byte_is_wrong() {
        let mut region = Region::filled(10_000).unwrap();
        look(region.bytes()).unwrap();
        for place in [0, 5_000, 9_999] {
            region.bytes()[place] = 2;
            assert!(look(region.bytes()).is_err());
            region.bytes()[place] = 1;
        }
    }
}
