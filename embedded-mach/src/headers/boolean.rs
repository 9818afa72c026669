//! The truth value of the C interface: `mach/boolean.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

/// True if not zero. Unsigned on x86-64, signed elsewhere, as on macOS.
#[cfg(target_arch = "x86_64")]
pub type boolean_t = core::ffi::c_uint;

/// True if not zero. Unsigned on x86-64, signed elsewhere, as on macOS.
#[cfg(not(target_arch = "x86_64"))]
pub type boolean_t = core::ffi::c_int;
