//! What `mach/thread_switch.h` declares beside its call.

use core::ffi::c_int;

/// Only let others run.
pub const SWITCH_OPTION_NONE: c_int = 0;
/// Let others run, with a lower priority for a time.
pub const SWITCH_OPTION_DEPRESS: c_int = 1;
/// Do not run before the time given, in milliseconds.
pub const SWITCH_OPTION_WAIT: c_int = 2;
