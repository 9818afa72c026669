//! `thread_policy_set` and `thread_policy_get`: how threads are to be scheduled, as a wish that is kept.

use super::code;
use super::thread_info::thread_in;
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, kern_return_t};
use crate::headers::mach_types::thread_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::thread_policy::{
    THREAD_AFFINITY_POLICY, THREAD_BACKGROUND_POLICY, THREAD_EXTENDED_POLICY,
    THREAD_LATENCY_QOS_POLICY, THREAD_PRECEDENCE_POLICY, THREAD_THROUGHPUT_QOS_POLICY,
    THREAD_TIME_CONSTRAINT_POLICY, THREAD_TIME_CONSTRAINT_POLICY_COUNT, thread_policy_flavor_t,
    thread_policy_t,
};
use crate::kernel::objects::thread_policy::Policy;
use crate::kernel::{Result, task};

/// How many integers a policy has, and what it is of a thread for which none was asked.
fn shape(flavor: thread_policy_flavor_t) -> Result<(usize, Policy)> {
    Ok(match flavor {
        THREAD_EXTENDED_POLICY => (1, [1, 0, 0, 0]),
        // Half a turn of 10 ms.
        THREAD_TIME_CONSTRAINT_POLICY => (
            THREAD_TIME_CONSTRAINT_POLICY_COUNT as usize,
            [0, 5_000_000, 10_000_000, 1],
        ),
        THREAD_PRECEDENCE_POLICY
        | THREAD_AFFINITY_POLICY
        | THREAD_BACKGROUND_POLICY
        | THREAD_LATENCY_QOS_POLICY
        | THREAD_THROUGHPUT_QOS_POLICY => (1, [0; 4]),
        _ => return Err(KERN_INVALID_ARGUMENT),
    })
}

/// Whether a thread can be done in time: it computes between 50 µs and 50 ms, and no longer than it has.
fn is_possible(computation: u32, constraint: u32) -> bool {
    (50_000..=50_000_000).contains(&computation) && computation <= constraint
}

/// Keeps how a thread of this task is to be scheduled, for `thread_policy_get` to tell: it has no effect.
/// `KERN_INVALID_ARGUMENT` for an unknown flavor, too few integers, or times in which nothing can be done.
pub unsafe extern "C" fn thread_policy_set(
    thread: thread_t,
    flavor: thread_policy_flavor_t,
    policy_info: thread_policy_t,
    count: mach_msg_type_number_t,
) -> kern_return_t {
    let mut kernel = task::lock();
    let mut keep = || {
        let (number, thread) = thread_in(&mut kernel, thread)?;
        let (integers, mut policy) = shape(flavor)?;
        // A standard policy has none, and is the default of the extended one.
        if !(flavor == THREAD_EXTENDED_POLICY && count == 0) {
            if (count as usize) < integers {
                return Err(KERN_INVALID_ARGUMENT);
            }
            for (at, integer) in policy.iter_mut().take(integers).enumerate() {
                // SAFETY: the caller's promise: there are as many as it says.
                *integer = unsafe { policy_info.add(at).read() };
            }
        }
        let [_, computation, constraint, _] = policy.map(i32::cast_unsigned);
        if flavor == THREAD_TIME_CONSTRAINT_POLICY && !is_possible(computation, constraint) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        kernel
            .thread_policies
            .set(number, thread.began, flavor, policy);
        Ok(())
    };
    code(keep())
}

/// What was last asked for a thread of this task, or what is usual: so if `get_default` says so, and if nothing was asked,
/// which `get_default` then says. Codes as for [`thread_policy_set`].
pub unsafe extern "C" fn thread_policy_get(
    thread: thread_t,
    flavor: thread_policy_flavor_t,
    policy_info: thread_policy_t,
    count: *mut mach_msg_type_number_t,
    get_default: *mut boolean_t,
) -> kern_return_t {
    let mut kernel = task::lock();
    let mut tell = || {
        let (number, thread) = thread_in(&mut kernel, thread)?;
        let (integers, usual) = shape(flavor)?;
        // SAFETY: the caller's promise.
        let (room, wants_usual) = unsafe { (count.read() as usize, get_default.read() != 0) };
        if room < integers {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let asked = kernel.thread_policies.get(number, thread.began, flavor);
        let asked = asked.filter(|_| !wants_usual);
        // SAFETY: the caller's promise: there is room for as many.
        unsafe {
            get_default.write(asked.is_none().into());
            policy_info.copy_from_nonoverlapping(asked.unwrap_or(usual).as_ptr(), integers);
            count.write(integers as mach_msg_type_number_t);
        }
        Ok(())
    };
    code(tell())
}
