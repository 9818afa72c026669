//! `task_*_exc_guard_behavior`: what comes of violated guards, as a number that is kept.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{check_task, check_task_by, code, give};
use crate::headers::kern_return::{KERN_INVALID_VALUE, kern_return_t};
use crate::headers::mach_types::{task_inspect_t, task_t};
use crate::headers::task_info::{TASK_EXC_GUARD_ALL, task_exc_guard_behavior_t};
use crate::kernel::objects::kobject::TaskPort;

static KEPT: AtomicU32 = AtomicU32::new(0);

/// What was last set, `TASK_EXC_GUARD_NONE` at first.
pub unsafe extern "C" fn task_get_exc_guard_behavior(
    task: task_inspect_t,
    behavior: *mut task_exc_guard_behavior_t,
) -> kern_return_t {
    let kept = check_task_by(task, TaskPort::Inspect).map(|()| KEPT.load(Ordering::Relaxed));
    // SAFETY: the caller's promise.
    unsafe { give(behavior, kept) }
}

/// Keeps what is to come of violated guards that macOS lets a task choose for: here nothing but the code of the call ever
/// does. For the others there is `linux::set_guard_exceptions`.
pub unsafe extern "C" fn task_set_exc_guard_behavior(
    task: task_t,
    behavior: task_exc_guard_behavior_t,
) -> kern_return_t {
    code(check_task(task).and_then(|()| {
        if behavior & !TASK_EXC_GUARD_ALL != 0 {
            return Err(KERN_INVALID_VALUE);
        }
        KEPT.store(behavior, Ordering::Relaxed);
        Ok(())
    }))
}
