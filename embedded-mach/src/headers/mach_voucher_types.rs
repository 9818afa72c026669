//! Vouchers, which ride in message headers: `mach/mach_voucher_types.h`.
//!
//! A voucher carries attributes such as importance. None exist here: a message may hold
//! [`MACH_VOUCHER_NULL`] only.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::port::{mach_port_name_t, mach_port_t};

/// Port of a voucher.
pub type mach_voucher_t = mach_port_t;
/// No voucher.
pub const MACH_VOUCHER_NULL: mach_voucher_t = 0;
/// Name of a voucher's port.
pub type mach_voucher_name_t = mach_port_name_t;
/// No voucher's name.
pub const MACH_VOUCHER_NAME_NULL: mach_voucher_name_t = 0;
/// Several vouchers' names.
pub type mach_voucher_name_array_t = *mut mach_voucher_name_t;
/// The absent array.
pub const MACH_VOUCHER_NAME_ARRAY_NULL: mach_voucher_name_array_t = core::ptr::null_mut();
/// Another name of [`mach_voucher_t`].
pub type ipc_voucher_t = mach_voucher_t;
/// No voucher.
pub const IPC_VOUCHER_NULL: ipc_voucher_t = 0;
