//! The clock that only goes forward: `mach/mach_time.h`.

pub use super::extra::{mach_get_times, mach_timebase_info_trap};
pub use crate::calls::clock::{
    mach_absolute_time, mach_approximate_time, mach_continuous_approximate_time,
    mach_continuous_time, mach_timebase_info, mach_wait_until,
};
pub use crate::headers::mach_time::*;
