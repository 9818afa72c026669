//! Out-of-line memory: pages that a message hands over.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

use crate::calls;
use crate::error::{Error, check};
use crate::ffi::{extra, vm_statistics::VM_FLAGS_ANYWHERE};

/// Memory of the task's own that came with a message or is to go with one, freed by `vm_deallocate`.
///
/// What a message brings is a private copy: nobody else can change it. What was made here and is large goes without being
/// copied.
pub struct OolMemory {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the memory is owned and unshared, as a `Box<[u8]>` is.
unsafe impl Send for OolMemory {}
// SAFETY: shared references only read it.
unsafe impl Sync for OolMemory {}

impl OolMemory {
    /// Zeroed memory.
    ///
    /// # Errors
    ///
    /// The kernel has no room.
    pub fn zeroed(len: usize) -> Result<Self, Error> {
        let mut address = 0;
        if len > 0 {
            // SAFETY: `address` is valid for the call to write the new region's address.
            let code =
                unsafe { extra::vm_allocate(calls::task(), &mut address, len, VM_FLAGS_ANYWHERE) };
            check("vm_allocate", code)?;
        }
        // SAFETY: the region is new, so zeroed and owned by nobody else.
        Ok(unsafe { Self::from_raw(address, len) })
    }

    /// Memory with these bytes.
    ///
    /// # Errors
    ///
    /// The kernel has no room.
    pub fn copy_of(bytes: &[u8]) -> Result<Self, Error> {
        let mut memory = Self::zeroed(bytes.len())?;
        memory.copy_from_slice(bytes);
        Ok(memory)
    }

    /// Takes ownership of a region.
    ///
    /// # Safety
    ///
    /// `len` is 0, or `address` begins `len` readable and writable bytes that nobody else owns or writes
    /// and that `vm_deallocate` may free.
    pub(crate) unsafe fn from_raw(address: usize, len: usize) -> Self {
        match NonNull::new(ptr::with_exposed_provenance_mut(address)) {
            Some(start) => Self { start, len },
            None => Self {
                start: NonNull::dangling(),
                len: 0,
            },
        }
    }

    /// Gives up ownership without freeing: the address and the length.
    pub(crate) fn into_raw(self) -> (usize, usize) {
        let memory = std::mem::ManuallyDrop::new(self);
        if memory.len == 0 {
            return (0, 0);
        }
        (memory.start.as_ptr().expose_provenance(), memory.len)
    }
}

impl Deref for OolMemory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `start` and `len` describe owned, initialised memory, or are dangling and 0.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for OolMemory {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes the access exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl AsRef<[u8]> for OolMemory {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Drop for OolMemory {
    fn drop(&mut self) {
        if self.len > 0 {
            free(self.start.as_ptr().expose_provenance(), self.len);
        }
    }
}

impl std::fmt::Debug for OolMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OolMemory({} bytes)", self.len)
    }
}

fn free(address: usize, len: usize) {
    // SAFETY: the one caller owns the region and does not use it again.
    let code = unsafe { extra::vm_deallocate(calls::task(), address, len) };
    if let Err(error) = check("vm_deallocate", code) {
        tracing::warn!(len, %error, "out-of-line memory could not be freed");
    }
}

/// The names in an array that a call or a message allocated; the memory is freed.
///
/// # Safety
///
/// As for [`OolMemory::from_raw`], with 4 × `count` bytes.
pub(crate) unsafe fn take_words(address: usize, count: u32) -> Vec<u32> {
    let len = (count as usize).saturating_mul(size_of::<u32>());
    // SAFETY: the caller's promise.
    let memory = unsafe { OolMemory::from_raw(address, len) };
    let (words, _) = memory.as_chunks();
    words.iter().map(|word| u32::from_ne_bytes(*word)).collect()
}

/// The names in an array that stays where it is.
///
/// # Safety
///
/// `count` is 0, or `address` begins that many words, which nobody writes during the call.
pub(crate) unsafe fn lent_words(address: usize, count: u32) -> Vec<u32> {
    let mut words = Vec::with_capacity(count as usize);
    for index in 0..count as usize {
        let place = ptr::with_exposed_provenance::<u32>(address).wrapping_add(index);
        // SAFETY: the caller's promise; the array may begin anywhere.
        words.push(unsafe { place.read_unaligned() });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zeroed_and_writable() {
        let mut memory = OolMemory::zeroed(10_000).unwrap();
        assert!(memory.iter().all(|byte| *byte == 0));
        memory[9_999] = 1;
        assert_eq!(memory[9_999], 1);
    }

    #[test]
    fn no_bytes_need_no_memory() {
        let memory = OolMemory::zeroed(0).unwrap();
        assert!(memory.is_empty());
        assert_eq!(memory.into_raw(), (0, 0));
    }
}
