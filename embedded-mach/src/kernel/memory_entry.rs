//! Memory entries: rights to memory that several tasks can map.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::kobject::KernelObject;
use super::{Kernel, Result};
use crate::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_OBJECT, KERN_PROTECTION_FAILURE};
use crate::port::mach_port_name_t;

/// A range of a memfd.
#[derive(Clone, Debug)]
pub(crate) struct MemoryEntry {
    pub(crate) fd: Arc<OwnedFd>,
    /// Where the entry begins in the file, in bytes.
    pub(crate) offset: u64,
    /// Its size in bytes.
    pub(crate) size: u64,
    pub(crate) writable: bool,
}

impl MemoryEntry {
    /// A part of this entry, with no more rights than it has.
    pub(crate) fn part(&self, offset: u64, size: u64, writable: bool) -> Result<Self> {
        if writable && !self.writable {
            return Err(KERN_PROTECTION_FAILURE);
        }
        let end = offset.checked_add(size).filter(|&end| end <= self.size);
        let offset = end.and_then(|_| self.offset.checked_add(offset));
        Ok(Self {
            fd: Arc::clone(&self.fd),
            offset: offset.ok_or(KERN_INVALID_ARGUMENT)?,
            size,
            writable,
        })
    }
}

impl Kernel {
    /// The memory that a send right leads to.
    pub(crate) fn memory_entry(&mut self, name: mach_port_name_t) -> Result<MemoryEntry> {
        match self.object(name) {
            Ok(KernelObject::Memory {
                fd,
                offset,
                size,
                writable,
            }) => Ok(MemoryEntry {
                fd: Arc::clone(fd),
                offset: *offset,
                size: *size,
                writable: *writable,
            }),
            _ => Err(KERN_INVALID_OBJECT),
        }
    }

    /// A name for a memory entry.
    pub(crate) fn give_memory_entry(&mut self, entry: MemoryEntry) -> Result<mach_port_name_t> {
        let MemoryEntry {
            fd,
            offset,
            size,
            writable,
        } = entry;
        self.give_object(KernelObject::Memory {
            fd,
            offset,
            size,
            writable,
        })
    }
}
