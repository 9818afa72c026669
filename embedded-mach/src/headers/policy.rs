//! Scheduling policies, as `task_info` reports them: `mach/policy.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

/// A scheduling policy.
pub type policy_t = c_int;

/// None.
pub const POLICY_NULL: policy_t = 0;
/// Shares of time, priorities decay.
pub const POLICY_TIMESHARE: policy_t = 1;
/// Fixed priority, round robin.
pub const POLICY_RR: policy_t = 2;
/// Fixed priority, first in first out.
pub const POLICY_FIFO: policy_t = 4;
