//! Time as Mach counts it, and ports that get a message when it is time.
//!
//! - `absolute`: points of the clock, and durations in its units;
//! - `schedule`: when a timer is due, and what its message means; it knows no clock and no port;
//! - `timer`: the timer.

mod absolute;
mod schedule;
mod timer;

pub use absolute::AbsoluteTime;
pub use schedule::Expiry;
pub use timer::{Timer, TimerControl};
