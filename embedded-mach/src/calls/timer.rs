//! `mk_timer_*`: receive rights that get a message when it is time.

use super::{code, give};
use crate::headers::kern_return::{KERN_SUCCESS, kern_return_t};
use crate::headers::mk_timer::MK_TIMER_CONTINUOUS;
use crate::headers::port::{MACH_PORT_NULL, mach_port_name_t};
use crate::kernel::task;
use crate::sys::clock::Clock;

/// A new timer, which is a receive right; `MACH_PORT_NULL` where a name, a descriptor or a thread for it is not to be had.
pub unsafe extern "C" fn mk_timer_create() -> mach_port_name_t {
    task::lock().create_timer().unwrap_or(MACH_PORT_NULL)
}

/// Gives up a timer, and a send right under its name with it. `KERN_INVALID_NAME`, `KERN_INVALID_RIGHT` or
/// `KERN_INVALID_ARGUMENT` if the name is none, not of a receive right, or not a timer's.
pub unsafe extern "C" fn mk_timer_destroy(name: mach_port_name_t) -> kern_return_t {
    code(task::lock().destroy_timer(name))
}

/// Has a timer get a message, [`mk_timer_expire_msg`](crate::mk_timer::mk_timer_expire_msg), when `mach_absolute_time` comes
/// to a time, at once if it is past. A time that it was armed for before counts no more. While its last message has not been
/// received no other comes. Codes as for [`mk_timer_destroy`].
pub unsafe extern "C" fn mk_timer_arm(name: mach_port_name_t, expire_time: u64) -> kern_return_t {
    code(task::lock().arm_timer(name, Clock::Absolute, expire_time))
}

/// As [`mk_timer_arm`], by `mach_continuous_time` with [`MK_TIMER_CONTINUOUS`]. No message is late for the sake of the leeway.
pub unsafe extern "C" fn mk_timer_arm_leeway(
    name: mach_port_name_t,
    mk_timer_flags: u64,
    mk_timer_expire_time: u64,
    _mk_timer_leeway: u64,
) -> kern_return_t {
    let clock = if mk_timer_flags & MK_TIMER_CONTINUOUS == 0 {
        Clock::Absolute
    } else {
        Clock::Continuous
    };
    code(task::lock().arm_timer(name, clock, mk_timer_expire_time))
}

/// Disarms a timer and tells, unless `result_time` is null, for when it was armed, 0 if it was not. A message that waits stays.
/// Codes as for [`mk_timer_destroy`].
pub unsafe extern "C" fn mk_timer_cancel(
    name: mach_port_name_t,
    result_time: *mut u64,
) -> kern_return_t {
    let armed = task::lock().cancel_timer(name);
    if result_time.is_null() {
        return armed.err().unwrap_or(KERN_SUCCESS);
    }
    // SAFETY: the caller's promise.
    unsafe { give(result_time, armed) }
}
