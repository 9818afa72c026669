//! Hints on how memory will be used: `mach/vm_behavior.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

/// A hint on how memory will be used.
pub type vm_behavior_t = c_int;

/// No hint.
pub const VM_BEHAVIOR_DEFAULT: vm_behavior_t = 0;
/// In no order.
pub const VM_BEHAVIOR_RANDOM: vm_behavior_t = 1;
/// Upwards.
pub const VM_BEHAVIOR_SEQUENTIAL: vm_behavior_t = 2;
/// Downwards.
pub const VM_BEHAVIOR_RSEQNTL: vm_behavior_t = 3;
/// Soon.
pub const VM_BEHAVIOR_WILLNEED: vm_behavior_t = 4;
/// Not soon.
pub const VM_BEHAVIOR_DONTNEED: vm_behavior_t = 5;
/// The contents are not needed any more.
pub const VM_BEHAVIOR_FREE: vm_behavior_t = 6;
/// Wired pages are zeroed when they are freed.
pub const VM_BEHAVIOR_ZERO_WIRED_PAGES: vm_behavior_t = 7;
/// The system may take the pages.
pub const VM_BEHAVIOR_REUSABLE: vm_behavior_t = 8;
/// The pages are used again.
pub const VM_BEHAVIOR_REUSE: vm_behavior_t = 9;
/// Whether the pages could be reused.
pub const VM_BEHAVIOR_CAN_REUSE: vm_behavior_t = 10;
/// Write the pages out now.
pub const VM_BEHAVIOR_PAGEOUT: vm_behavior_t = 11;
/// Fill with zeros.
pub const VM_BEHAVIOR_ZERO: vm_behavior_t = 12;
/// The highest value that the calls take.
pub const VM_BEHAVIOR_LAST_VALID: vm_behavior_t = VM_BEHAVIOR_ZERO;
