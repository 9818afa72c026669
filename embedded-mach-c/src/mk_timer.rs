//! `mach/mk_timer.h`: ports that get a message when it is time.

use mach::kern_return::kern_return_t;
use mach::port::mach_port_name_t;

functions! {
    mach::mk_timer:

    fn mk_timer_create() -> mach_port_name_t;
    fn mk_timer_destroy(name: mach_port_name_t) -> kern_return_t;
    fn mk_timer_arm(name: mach_port_name_t, expire_time: u64) -> kern_return_t;
    fn mk_timer_arm_leeway(
        name: mach_port_name_t,
        mk_timer_flags: u64,
        mk_timer_expire_time: u64,
        mk_timer_leeway: u64,
    ) -> kern_return_t;
    fn mk_timer_cancel(name: mach_port_name_t, result_time: *mut u64) -> kern_return_t;
}
