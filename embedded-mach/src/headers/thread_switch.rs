//! Giving the processor away: `mach/thread_switch.h`.

use core::ffi::c_int;

pub use crate::calls::by_header::extra::thread_switch;

/// Only let others run.
pub const SWITCH_OPTION_NONE: c_int = 0;
/// Let others run, with a lower priority for a time.
pub const SWITCH_OPTION_DEPRESS: c_int = 1;
/// Do not run before the time given, in milliseconds.
pub const SWITCH_OPTION_WAIT: c_int = 2;
