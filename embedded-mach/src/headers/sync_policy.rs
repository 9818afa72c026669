//! The order in which waiters are served: `mach/sync_policy.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

/// The order in which waiters are served.
pub type sync_policy_t = c_int;

/// Who came first.
pub const SYNC_POLICY_FIFO: sync_policy_t = 0x0;
/// Who has the higher priority.
pub const SYNC_POLICY_FIXED_PRIORITY: sync_policy_t = 0x1;
/// The other way round.
pub const SYNC_POLICY_REVERSED: sync_policy_t = 0x2;
/// The bits that say the order.
pub const SYNC_POLICY_ORDER_MASK: sync_policy_t = 0x3;
/// Who came last.
pub const SYNC_POLICY_LIFO: sync_policy_t = SYNC_POLICY_FIFO | SYNC_POLICY_REVERSED;
