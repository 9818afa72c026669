//! Clocks by their ports: `mach/clock.h`.

use core::ffi::c_uint;

pub use crate::calls::clock_port::{clock_alarm, clock_get_attributes, clock_get_time};

/// How many routines the subsystem has.
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
pub const clock_MSG_COUNT: c_uint = 3;
