//! `mach/clock_reply.h`: what a clock sends for an alarm.

use mach::clock_types::{alarm_type_t, mach_timespec_t};
use mach::kern_return::kern_return_t;
use mach::mach_types::clock_reply_t;
use mach::message::mach_msg_type_name_t;

functions! {
    mach::clock_reply:

    fn clock_alarm_reply(
        alarm_port: clock_reply_t,
        alarm_port_poly: mach_msg_type_name_t,
        alarm_code: kern_return_t,
        alarm_type: alarm_type_t,
        alarm_time: mach_timespec_t,
    ) -> kern_return_t;
}
