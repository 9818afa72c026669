//! Seconds and microseconds: `mach/time_value.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::vm_types::integer_t;

/// A duration.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct time_value {
    /// Whole seconds.
    pub seconds: integer_t,
    /// Microseconds, below [`TIME_MICROS_MAX`].
    pub microseconds: integer_t,
}
/// A duration.
pub type time_value_t = time_value;

/// Microseconds in a second.
pub const TIME_MICROS_MAX: integer_t = 1_000_000;
