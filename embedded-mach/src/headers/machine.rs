//! The integers that all other headers are made of: `mach/machine/vm_types.h`. Programs find them in `vm_types`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uint};

/// The unsigned integer of the interfaces, 32 bits.
pub type natural_t = c_uint;
/// The signed integer of the interfaces, 32 bits.
pub type integer_t = c_int;
