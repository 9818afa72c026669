//! Addresses, sizes and the natural integers: `mach/vm_types.h` and the machine's own.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

pub use super::machine::{integer_t, natural_t};

use crate::headers::error::{err_sub, err_vm, mach_error_t};
use crate::headers::port::mach_port_t;

/// An address of user memory, 64 bits on every machine.
pub type user_addr_t = u64;
/// An address in a task's memory, 64 bits on every machine.
pub type mach_vm_address_t = u64;
/// An offset in a task's memory, 64 bits on every machine.
pub type mach_vm_offset_t = u64;
/// A size in bytes, 64 bits on every machine.
pub type mach_vm_size_t = u64;
/// An offset in a memory map.
pub type vm_map_offset_t = u64;
/// An address in a memory map.
pub type vm_map_address_t = u64;
/// A size in a memory map, in bytes.
pub type vm_map_size_t = u64;
/// A task's memory map, named by the task's port.
pub type vm_map_t = mach_port_t;
/// A memory map that may be read.
pub type vm_map_read_t = mach_port_t;
/// An offset of pointer size.
pub type vm_offset_t = usize;
/// A size of pointer size, in bytes.
pub type vm_size_t = usize;
/// An address of pointer size.
pub type vm_address_t = vm_offset_t;

/// What a receive right carries for its holder: a context, or the guard.
pub type mach_port_context_t = mach_vm_address_t;
/// Several contexts.
pub type mach_port_context_array_t = *mut mach_port_context_t;

/// The error of the memory reclaimer with number `error`.
#[inline]
pub const fn err_vm_reclaim(error: mach_error_t) -> mach_error_t {
    err_vm | err_sub(1) | error
}
