//! Setting clocks, which nobody may: `mach/clock_priv.h`.

pub use crate::calls::clock_port::{clock_set_attributes, clock_set_time};
