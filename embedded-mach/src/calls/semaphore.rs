//! `semaphore_*`.

use core::ffi::c_int;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{code, give, kernel_of};
use crate::headers::clock_types::{BAD_MACH_TIMESPEC, mach_timespec_t};
use crate::headers::kern_return::{
    KERN_ABORTED, KERN_INVALID_ARGUMENT, KERN_INVALID_VALUE, KERN_NOT_WAITING,
    KERN_OPERATION_TIMED_OUT, KERN_TERMINATED, kern_return_t,
};
use crate::headers::mach_types::{semaphore_t, task_t, thread_t};
use crate::headers::port::MACH_PORT_NULL;
use crate::headers::sync_policy::sync_policy_t;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::{Result, task};
use crate::sys::semaphore::{Semaphore, Waited};

/// Makes a semaphore and gives a send right to it. Waiting threads wake in no particular order, whatever the policy.
pub unsafe extern "C" fn semaphore_create(
    task: task_t,
    semaphore: *mut semaphore_t,
    policy: sync_policy_t,
    value: c_int,
) -> kern_return_t {
    let made = kernel_of(task).and_then(|mut kernel| {
        let right = kernel.new_semaphore(policy, value)?;
        kernel.copyout_right(right)
    });
    // SAFETY: the caller's promise.
    unsafe { give(semaphore, made) }
}

/// Ends a semaphore of this task's and gives up one reference to it. Whoever waits, or comes later, gets
/// `KERN_TERMINATED`.
pub unsafe extern "C" fn semaphore_destroy(task: task_t, semaphore: semaphore_t) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| {
        let ended = kernel.semaphore(semaphore)?;
        // The right goes with the request, whatever becomes of that.
        kernel.deallocate(semaphore)?;
        if ended.is_made_here() && ended.terminate() {
            Ok(())
        } else {
            Err(KERN_INVALID_ARGUMENT)
        }
    }))
}

/// The semaphore under a name, to be used without the kernel's lock.
fn find(name: semaphore_t) -> Result<Arc<Semaphore>> {
    task::lock().semaphore(name)
}

/// As [`find`], for a thread that is going to wait.
fn find_to_wait_for(name: semaphore_t) -> Result<Arc<Semaphore>> {
    task::lock().semaphore_to_wait_for(name)
}

/// Wakes a waiting thread, or lets the next one pass.
pub unsafe extern "C" fn semaphore_signal(semaphore: semaphore_t) -> kern_return_t {
    code(find(semaphore).and_then(|semaphore| {
        alive(&semaphore)?;
        semaphore.signal();
        Ok(())
    }))
}

/// Wakes all waiting threads. Without any, it leaves nothing.
pub unsafe extern "C" fn semaphore_signal_all(semaphore: semaphore_t) -> kern_return_t {
    code(find(semaphore).and_then(|semaphore| {
        alive(&semaphore)?;
        semaphore.signal_all();
        Ok(())
    }))
}

/// Wakes a thread of this task if it waits, or any thread if `thread` is `MACH_PORT_NULL`; `KERN_NOT_WAITING` if none
/// does, and then nothing is left.
pub unsafe extern "C" fn semaphore_signal_thread(
    semaphore: semaphore_t,
    thread: thread_t,
) -> kern_return_t {
    code(find(semaphore).and_then(|semaphore| {
        let meant = match thread {
            MACH_PORT_NULL => None,
            name => match task::lock().object(name) {
                Ok(&KernelObject::Thread(number)) => Some(number),
                _ => return Err(KERN_INVALID_ARGUMENT),
            },
        };
        alive(&semaphore)?;
        let woken = match meant {
            Some(thread) => semaphore.signal_thread(thread),
            None => semaphore.signal_a_waiter(),
        };
        if woken { Ok(()) } else { Err(KERN_NOT_WAITING) }
    }))
}

/// Waits for a signal. A signal handler ends the wait with `KERN_ABORTED`.
pub unsafe extern "C" fn semaphore_wait(semaphore: semaphore_t) -> kern_return_t {
    code(find_to_wait_for(semaphore).and_then(|semaphore| wait(&semaphore, None, None)))
}

/// Waits for a signal, no longer than a time; {0, 0} only looks.
pub unsafe extern "C" fn semaphore_timedwait(
    semaphore: semaphore_t,
    wait_time: mach_timespec_t,
) -> kern_return_t {
    code(deadline(wait_time).and_then(|at| wait(&*find_to_wait_for(semaphore)?, None, Some(at))))
}

/// Signals one semaphore and waits for another.
pub unsafe extern "C" fn semaphore_wait_signal(
    wait_semaphore: semaphore_t,
    signal_semaphore: semaphore_t,
) -> kern_return_t {
    code(wait_and_signal(wait_semaphore, signal_semaphore, None))
}

/// As [`semaphore_wait_signal`], but waits no longer than a time.
pub unsafe extern "C" fn semaphore_timedwait_signal(
    wait_semaphore: semaphore_t,
    signal_semaphore: semaphore_t,
    wait_time: mach_timespec_t,
) -> kern_return_t {
    code(
        deadline(wait_time)
            .and_then(|at| wait_and_signal(wait_semaphore, signal_semaphore, Some(at))),
    )
}

fn wait_and_signal(waited: semaphore_t, signalled: semaphore_t, at: Option<Instant>) -> Result<()> {
    let signalled = find(signalled)?;
    wait(&*find_to_wait_for(waited)?, Some(&signalled), at)
}

/// Waits, and signals another semaphore once this thread counts as one that waits.
fn wait(semaphore: &Semaphore, signalled: Option<&Semaphore>, at: Option<Instant>) -> Result<()> {
    let arrived = semaphore.arrive();
    if let Some(signalled) = signalled {
        alive(signalled)?;
        signalled.signal();
    }
    match arrived.wait(at) {
        Waited::Signalled => Ok(()),
        Waited::TimedOut => Err(KERN_OPERATION_TIMED_OUT),
        Waited::Interrupted => Err(KERN_ABORTED),
        Waited::Terminated => Err(KERN_TERMINATED),
    }
}

fn alive(semaphore: &Semaphore) -> Result<()> {
    if semaphore.is_terminated() {
        Err(KERN_TERMINATED)
    } else {
        Ok(())
    }
}

fn deadline(time: mach_timespec_t) -> Result<Instant> {
    if BAD_MACH_TIMESPEC(time) {
        return Err(KERN_INVALID_VALUE);
    }
    let time = Duration::new(u64::from(time.tv_sec), time.tv_nsec.unsigned_abs());
    Ok(Instant::now() + time)
}
