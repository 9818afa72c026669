//! Protections of memory: `mach/vm_prot.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

/// Which accesses memory allows.
pub type vm_prot_t = c_int;

/// None.
pub const VM_PROT_NONE: vm_prot_t = 0;
/// Reading.
pub const VM_PROT_READ: vm_prot_t = 1;
/// Writing.
pub const VM_PROT_WRITE: vm_prot_t = 2;
/// Execution.
pub const VM_PROT_EXECUTE: vm_prot_t = 4;
/// What fresh memory allows.
pub const VM_PROT_DEFAULT: vm_prot_t = VM_PROT_READ | VM_PROT_WRITE;
/// What fresh memory can be made to allow.
pub const VM_PROT_ALL: vm_prot_t = VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE;
/// Leave the protection as it is, older value.
pub const VM_PROT_NO_CHANGE_LEGACY: vm_prot_t = 0x08;
/// Leave the protection as it is.
pub const VM_PROT_NO_CHANGE: vm_prot_t = 0x0100_0000;
/// Copy on write where the protection does not allow writing.
pub const VM_PROT_COPY: vm_prot_t = 0x10;
/// Another name of [`VM_PROT_COPY`].
pub const VM_PROT_WANTS_COPY: vm_prot_t = VM_PROT_COPY;
/// The protection is an upper bound, reduced to what is possible.
pub const VM_PROT_IS_MASK: vm_prot_t = 0x40;
/// Take reading away.
pub const VM_PROT_STRIP_READ: vm_prot_t = 0x80;
/// Execution without reading.
pub const VM_PROT_EXECUTE_ONLY: vm_prot_t = VM_PROT_EXECUTE | VM_PROT_STRIP_READ;
/// Memory of a trusted path.
pub const VM_PROT_TPRO: vm_prot_t = 0x200;
/// Execution in user mode only.
#[cfg(target_arch = "x86_64")]
pub const VM_PROT_UEXEC: vm_prot_t = 0x8;
/// Every kind of execution.
#[cfg(target_arch = "x86_64")]
pub const VM_PROT_ALLEXEC: vm_prot_t = VM_PROT_EXECUTE | VM_PROT_UEXEC;
/// Every kind of execution.
#[cfg(not(target_arch = "x86_64"))]
pub const VM_PROT_ALLEXEC: vm_prot_t = VM_PROT_EXECUTE;
