//! `mach/mach.h`: what it declares beside the headers that it includes.

use mach::clock_types::{mach_timespec_t, sleep_type_t};
use mach::extra::mig_demux_t;
use mach::kern_return::kern_return_t;
use mach::message::{mach_msg_header_t, mach_msg_options_t, mach_msg_return_t, mach_msg_size_t};
use mach::port::mach_port_t;

functions! {
    mach::message:

    fn mach_msg_destroy(msg: *mut mach_msg_header_t);
    fn mach_msg_send(msg: *mut mach_msg_header_t) -> mach_msg_return_t;
    fn mach_msg_receive(msg: *mut mach_msg_header_t) -> mach_msg_return_t;
    fn mach_msg_server(
        demux: mig_demux_t,
        max_size: mach_msg_size_t,
        rcv_name: mach_port_t,
        options: mach_msg_options_t,
    ) -> mach_msg_return_t;
    fn mach_msg_server_once(
        demux: mig_demux_t,
        max_size: mach_msg_size_t,
        rcv_name: mach_port_t,
        options: mach_msg_options_t,
    ) -> mach_msg_return_t;
}

functions! {
    mach::mig:

    fn mig_reply_setup(request: *mut mach_msg_header_t, reply: *mut mach_msg_header_t);
}

functions! {
    mach::extra:

    fn clock_sleep(
        clock_name: mach_port_t,
        sleep_type: sleep_type_t,
        sleep_time: mach_timespec_t,
        wakeup_time: *mut mach_timespec_t,
    ) -> kern_return_t;
}
