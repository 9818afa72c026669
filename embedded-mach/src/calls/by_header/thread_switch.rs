//! Giving the processor away: `mach/thread_switch.h`.

pub use super::extra::thread_switch;
pub use crate::headers::thread_switch::*;
