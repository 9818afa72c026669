//! `mach_*_time`: this task's clocks, in nanoseconds.

use nix::errno::Errno;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};

use crate::headers::kern_return::{KERN_ABORTED, KERN_FAILURE, KERN_SUCCESS, kern_return_t};
use crate::headers::mach_time::mach_timebase_info_t;
use crate::sys::clock::{Clock, nanoseconds};

/// Time that the machine has been up and awake.
pub unsafe extern "C" fn mach_absolute_time() -> u64 {
    Clock::Absolute.now()
}

/// As [`mach_absolute_time`], as of the last tick.
pub unsafe extern "C" fn mach_approximate_time() -> u64 {
    nanoseconds(ClockId::CLOCK_MONOTONIC_COARSE)
}

/// Time since the machine was started, asleep or not.
pub unsafe extern "C" fn mach_continuous_time() -> u64 {
    Clock::Continuous.now()
}

/// As [`mach_continuous_time`]; no less exact.
pub unsafe extern "C" fn mach_continuous_approximate_time() -> u64 {
    Clock::Continuous.now()
}

/// What a unit of these times is: a nanosecond.
pub unsafe extern "C" fn mach_timebase_info(info: mach_timebase_info_t) -> kern_return_t {
    let nanoseconds = crate::headers::mach_time::mach_timebase_info { numer: 1, denom: 1 };
    // SAFETY: the caller's promise.
    unsafe { info.write(nanoseconds) };
    KERN_SUCCESS
}

/// As [`mach_timebase_info`].
pub unsafe extern "C" fn mach_timebase_info_trap(info: mach_timebase_info_t) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_timebase_info(info) }
}

/// The times of several clocks: [`mach_absolute_time`], [`mach_continuous_time`], and the time of day. Null pointers are
/// for what is not wanted.
pub unsafe extern "C" fn mach_get_times(
    absolute_time: *mut u64,
    continuous_time: *mut u64,
    tp: *mut libc::timespec,
) -> kern_return_t {
    let now = clock_gettime(ClockId::CLOCK_REALTIME);
    let wanted = [
        (absolute_time, Clock::Absolute),
        (continuous_time, Clock::Continuous),
    ];
    for (time, clock) in wanted {
        if !time.is_null() {
            // SAFETY: the caller's promise.
            unsafe { time.write(clock.now()) };
        }
    }
    if tp.is_null() {
        return KERN_SUCCESS;
    }
    match now {
        Ok(now) => {
            // SAFETY: the caller's promise.
            unsafe { tp.write(*now.as_ref()) };
            KERN_SUCCESS
        }
        Err(_) => KERN_FAILURE,
    }
}

/// Sleeps until [`mach_absolute_time`] has come to `deadline`. A signal handler ends the sleep with `KERN_ABORTED`.
pub unsafe extern "C" fn mach_wait_until(deadline: u64) -> kern_return_t {
    let at = std::time::Duration::from_nanos(deadline).into();
    let flags = ClockNanosleepFlags::TIMER_ABSTIME;
    match clock_nanosleep(ClockId::CLOCK_MONOTONIC, flags, &at) {
        Ok(_) => KERN_SUCCESS,
        Err(Errno::EINTR) => KERN_ABORTED,
        Err(_) => KERN_FAILURE,
    }
}
