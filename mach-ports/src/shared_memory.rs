//! Memory that tasks share.

use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, AtomicU64};

use crate::calls::{self, NULL};
use crate::error::{Error, check};
use crate::ffi::kern_return::KERN_INVALID_ARGUMENT;
use crate::ffi::vm_inherit::VM_INHERIT_NONE;
use crate::ffi::vm_prot::{VM_PROT_READ, VM_PROT_WRITE};
use crate::ffi::vm_statistics::VM_FLAGS_ANYWHERE;
use crate::ffi::{port::MACH_PORT_NULL, vm};
use crate::right::SendRight;

/// `MAP_MEM_NAMED_CREATE` of `mach/memory_object_types.h`: new memory, not a view of what is mapped already.
const NEW_MEMORY: i32 = 0x02_0000;
const READ_WRITE: i32 = VM_PROT_READ | VM_PROT_WRITE;

/// A right to memory: a memory entry. The memory lives as long as a right to it or a mapping of it.
///
/// ```
/// use std::sync::atomic::Ordering::Relaxed;
/// use mach_ports::SharedMemory;
///
/// let memory = SharedMemory::new(4096)?;
/// // Where the right has arrived in a message, its receiver maps the same bytes.
/// let theirs = SharedMemory::from_right(memory.right().clone(), memory.len());
/// let (ours, theirs) = (memory.map()?, theirs.map()?);
/// ours[0].store(7, Relaxed);
/// assert_eq!(theirs[0].load(Relaxed), 7);
/// # Ok::<(), mach_ports::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SharedMemory {
    entry: SendRight,
    len: usize,
}

impl SharedMemory {
    /// New, zeroed memory.
    ///
    /// # Errors
    ///
    /// `len` is 0, or the kernel has no room.
    pub fn new(len: usize) -> Result<Self, Error> {
        let call = "mach_make_memory_entry_64";
        let invalid = Error::new(call, KERN_INVALID_ARGUMENT);
        if len == 0 {
            return Err(invalid);
        }
        let (mut size, mut name) = (len as u64, NULL);
        // SAFETY: both places are valid for the call to read and write.
        let code = unsafe {
            vm::mach_make_memory_entry_64(
                calls::task(),
                &mut size,
                0,
                NEW_MEMORY | READ_WRITE,
                &mut name,
                MACH_PORT_NULL,
            )
        };
        check(call, code)?;
        // SAFETY: the call gives its caller one reference to a send right.
        let entry = unsafe { SendRight::from_raw(name) }.ok_or(invalid)?;
        Ok(Self { entry, len })
    }

    /// Memory by a right that came in a message, and as long as the sender says. Whether that is true shows when it
    /// is mapped.
    #[must_use]
    pub fn from_right(entry: SendRight, len: usize) -> Self {
        Self { entry, len }
    }

    /// The right, to be sent in a message.
    #[must_use]
    pub fn right(&self) -> &SendRight {
        &self.entry
    }

    /// Gives the right back.
    #[must_use]
    pub fn into_right(self) -> SendRight {
        self.entry
    }

    /// The size in bytes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Makes the memory accessible.
    ///
    /// # Errors
    ///
    /// The right is none to memory, or to less of it.
    pub fn map(&self) -> Result<Mapping, Error> {
        let mut address = 0;
        // SAFETY: `address` is valid for the call to write; the region is a new one, wherever there is room.
        let code = unsafe {
            vm::mach_vm_map(
                calls::task(),
                &mut address,
                self.len as u64,
                0,
                VM_FLAGS_ANYWHERE,
                self.entry.name(),
                0,
                0,
                READ_WRITE,
                READ_WRITE,
                VM_INHERIT_NONE,
            )
        };
        check("mach_vm_map", code)?;
        NonNull::new(ptr::with_exposed_provenance_mut(address as usize))
            .map(|start| Mapping {
                start,
                len: self.len,
            })
            .ok_or(Error::new("mach_vm_map", KERN_INVALID_ARGUMENT))
    }
}

/// Shared memory in this task's address space. Others may write it at any time, so its bytes are atomics.
pub struct Mapping {
    start: NonNull<AtomicU8>,
    len: usize,
}

// SAFETY: the mapping is owned, and access to its bytes is atomic.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// The same memory, as words; bytes behind the last whole one are left out.
    pub(crate) fn into_words(self) -> Words {
        Words(self)
    }
}

/// Shared memory that whoever follows the rules writes by words.
#[derive(Debug)]
pub(crate) struct Words(Mapping);

impl Deref for Words {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        let Mapping { start, len } = &self.0;
        // SAFETY: a mapping begins at a page and so is aligned; it has this many whole words, which are mapped as long as
        // `self` lives. Nothing in this process has access to it by bytes: the mapping was given up for this.
        unsafe { std::slice::from_raw_parts(start.cast().as_ptr(), len / size_of::<AtomicU64>()) }
    }
}

impl Deref for Mapping {
    type Target = [AtomicU8];

    fn deref(&self) -> &[AtomicU8] {
        // SAFETY: `start` begins `len` mapped bytes, which whoever writes writes as bytes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let address = self.start.as_ptr().expose_provenance() as u64;
        // SAFETY: the region is owned and not used again.
        let code = unsafe { vm::mach_vm_deallocate(calls::task(), address, self.len as u64) };
        if let Err(error) = check("mach_vm_deallocate", code) {
            tracing::warn!(len = self.len, %error, "shared memory could not be unmapped");
        }
    }
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mapping({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    #[test]
    fn two_mappings_show_the_same_bytes() {
        let memory = SharedMemory::new(10_000).unwrap();
        let (one, other) = (memory.map().unwrap(), memory.clone().map().unwrap());
        assert_eq!(one.len(), 10_000);
        assert_eq!(other[9_999].load(Relaxed), 0);
        one[9_999].store(7, Relaxed);
        assert_eq!(other[9_999].load(Relaxed), 7);
    }

    #[test]
    fn a_mapping_outlives_the_right() {
        let memory = SharedMemory::new(1).unwrap();
        let mapping = memory.map().unwrap();
        drop(memory);
        mapping[0].store(1, Relaxed);
        assert_eq!(mapping[0].load(Relaxed), 1);
    }

    #[test]
    fn a_claim_of_more_than_there_is_is_refused() {
        assert!(SharedMemory::new(0).is_err());
        let memory = SharedMemory::new(4096).unwrap();
        let claim = SharedMemory::from_right(memory.right().clone(), 1 << 30);
        assert!(claim.map().is_err());
    }

    #[test]
    fn a_port_is_no_memory() {
        let port = crate::ReceiveRight::new().unwrap();
        assert!(
            SharedMemory::from_right(port.make_send().unwrap(), 4096)
                .map()
                .is_err()
        );
    }
}
