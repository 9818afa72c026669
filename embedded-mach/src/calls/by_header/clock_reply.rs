//! What a clock sends for an alarm: `mach/clock_reply.h`.

pub use crate::calls::clock_port::clock_alarm_reply;
