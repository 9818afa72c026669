//! `mach/mach_traps.h`: traps.

use core::ffi::c_int;

use mach::clock_types::{mach_timespec_t, sleep_type_t};
use mach::kern_return::kern_return_t;
use mach::mach_time::mach_timebase_info_t;
use mach::port::mach_port_name_t;

functions! {
    mach::traps:

    fn mach_reply_port() -> mach_port_name_t;
    fn thread_self_trap() -> mach_port_name_t;
    fn host_self_trap() -> mach_port_name_t;
    fn task_self_trap() -> mach_port_name_t;
    fn task_for_pid(
        task: mach_port_name_t,
        pid: c_int,
        found: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn task_name_for_pid(
        task: mach_port_name_t,
        pid: c_int,
        found: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn pid_for_task(task: mach_port_name_t, pid: *mut c_int) -> kern_return_t;
}

functions! {
    mach::extra:

    fn clock_sleep_trap(
        clock_name: mach_port_name_t,
        sleep_type: sleep_type_t,
        sleep_sec: c_int,
        sleep_nsec: c_int,
        wakeup_time: *mut mach_timespec_t,
    ) -> kern_return_t;
    fn mach_timebase_info_trap(info: mach_timebase_info_t) -> kern_return_t;
    fn thread_get_special_reply_port() -> mach_port_name_t;
}
