//! Offsets and sizes in memory objects: `mach/memory_object_types.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_uint, c_ulonglong};

use crate::headers::vm_types::natural_t;

/// An offset in a memory object, in bytes.
pub type memory_object_offset_t = c_ulonglong;
/// The size of a memory object, in bytes.
pub type memory_object_size_t = c_ulonglong;
/// The size of a cluster, in bytes.
pub type memory_object_cluster_size_t = natural_t;
/// What a pager is told of a fault.
pub type memory_object_fault_info_t = *mut natural_t;
/// Identifies a memory object.
pub type vm_object_id_t = c_ulonglong;

// Bits of the permission argument of `mach_make_memory_entry_64` beside the protection.
/// Only change how the processor caches the memory.
pub const MAP_MEM_ONLY: c_uint = 0x01_0000;
/// Make new memory instead of naming memory that is mapped.
pub const MAP_MEM_NAMED_CREATE: c_uint = 0x02_0000;
/// The memory may be purged.
pub const MAP_MEM_PURGABLE: c_uint = 0x04_0000;
/// Give the entry of the last argument back if it names the same memory.
pub const MAP_MEM_NAMED_REUSE: c_uint = 0x08_0000;
/// Do not round offset and size to pages.
pub const MAP_MEM_USE_DATA_ADDR: c_uint = 0x10_0000;
/// The entry copies the memory instead of sharing it.
pub const MAP_MEM_VM_COPY: c_uint = 0x20_0000;
/// The entry names the range itself, to be mapped again elsewhere.
pub const MAP_MEM_VM_SHARE: c_uint = 0x40_0000;
/// Round to 4 KiB even where pages are larger.
pub const MAP_MEM_4K_DATA_ADDR: c_uint = 0x80_0000;
