//! What a forked child gets of a piece of memory: `mach/vm_inherit.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_uint;

/// What a forked child gets.
pub type vm_inherit_t = c_uint;

/// The same memory.
pub const VM_INHERIT_SHARE: vm_inherit_t = 0;
/// A copy.
pub const VM_INHERIT_COPY: vm_inherit_t = 1;
/// Nothing.
pub const VM_INHERIT_NONE: vm_inherit_t = 2;
/// The memory itself, the parent losing it.
pub const VM_INHERIT_DONATE_COPY: vm_inherit_t = 3;
/// What is used unless said otherwise.
pub const VM_INHERIT_DEFAULT: vm_inherit_t = VM_INHERIT_COPY;
/// The highest value that the calls take.
pub const VM_INHERIT_LAST_VALID: vm_inherit_t = VM_INHERIT_NONE;
