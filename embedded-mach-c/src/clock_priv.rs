//! `mach/clock_priv.h`: setting clocks, which nobody may.

use mach::clock_types::{clock_attr_t, clock_flavor_t, mach_timespec_t};
use mach::kern_return::kern_return_t;
use mach::mach_types::clock_ctrl_t;
use mach::message::mach_msg_type_number_t;

functions! {
    mach::clock_priv:

    fn clock_set_time(clock_ctrl: clock_ctrl_t, new_time: mach_timespec_t) -> kern_return_t;
    fn clock_set_attributes(
        clock_ctrl: clock_ctrl_t,
        flavor: clock_flavor_t,
        clock_attr: clock_attr_t,
        clock_attr_count: mach_msg_type_number_t,
    ) -> kern_return_t;
}
