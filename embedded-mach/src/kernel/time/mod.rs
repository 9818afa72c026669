//! What comes at a time.
//!
//! - `schedule`: what is due when, and what wakes the library's thread for it;
//! - `timers`: ports that get a message (`mk_timer_*`);
//! - `clocks`: the ports of clocks (`host_get_clock_service`), and alarms (`clock_alarm`).

pub(crate) mod clocks;
pub(crate) mod schedule;
mod timers;
