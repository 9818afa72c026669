//! `mach/thread_switch.h`: giving the processor away.

use core::ffi::c_int;

use mach::kern_return::kern_return_t;
use mach::message::mach_msg_timeout_t;
use mach::port::mach_port_name_t;

functions! {
    mach::thread_switch:

    fn thread_switch(
        thread_name: mach_port_name_t,
        option: c_int,
        option_time: mach_msg_timeout_t,
    ) -> kern_return_t;
}
