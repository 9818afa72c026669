//! `mach/mach_time.h`: the monotonic clock.

use libc::timespec;
use mach::kern_return::kern_return_t;
use mach::mach_time::mach_timebase_info_t;

functions! {
    mach::mach_time:

    fn mach_timebase_info(info: mach_timebase_info_t) -> kern_return_t;
    fn mach_get_times(
        absolute_time: *mut u64,
        continuous_time: *mut u64,
        tp: *mut timespec,
    ) -> kern_return_t;
    fn mach_wait_until(deadline: u64) -> kern_return_t;
    fn mach_absolute_time() -> u64;
    fn mach_approximate_time() -> u64;
    fn mach_continuous_time() -> u64;
    fn mach_continuous_approximate_time() -> u64;
}
