//! Tasks and hosts, as far as a task can see of itself.

use core::ffi::c_int;

use super::children::tell_children;
use super::{code, give, kernel_by, kernel_of};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{KERN_FAILURE, KERN_INVALID_ARGUMENT, kern_return_t};
use crate::headers::mach_types::{task_name_t, task_t, thread_port_t};
use crate::headers::port::{
    MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, mach_port_name_t, mach_port_t,
};
use crate::headers::task_special_ports::{
    TASK_ACCESS_PORT, TASK_BOOTSTRAP_PORT, TASK_DEBUG_CONTROL_PORT, TASK_HOST_PORT,
    TASK_INSPECT_PORT, TASK_KERNEL_PORT, TASK_NAME_PORT, TASK_READ_PORT, TASK_RESOURCE_NOTIFY_PORT,
    task_special_port_t,
};
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::task;

/// The task's own port.
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
pub static mach_task_self_: mach_port_t = task::TASK_SELF;

/// The task's own port. Not a new reference.
pub unsafe fn mach_task_self() -> mach_port_t {
    task::TASK_SELF
}

/// The task's own port. Not a new reference.
pub unsafe fn current_task() -> mach_port_t {
    task::TASK_SELF
}

/// Whether a port is this task's, for whatever it is good.
pub unsafe extern "C" fn mach_task_is_self(task: task_name_t) -> boolean_t {
    kernel_by(task, TaskPort::Name).is_ok().into()
}

/// A new reference to the task's own port.
pub unsafe extern "C" fn task_self_trap() -> mach_port_name_t {
    another_reference(task::TASK_SELF)
}

/// A new reference to the host's port.
pub unsafe extern "C" fn mach_host_self() -> thread_port_t {
    another_reference(task::HOST_SELF)
}

/// As [`mach_host_self`].
pub unsafe extern "C" fn host_self_trap() -> mach_port_name_t {
    another_reference(task::HOST_SELF)
}

fn another_reference(name: mach_port_name_t) -> mach_port_name_t {
    let another = task::lock().another_reference(name);
    another.unwrap_or(MACH_PORT_NULL)
}

/// A new receive right, for replies.
pub unsafe extern "C" fn mach_reply_port() -> mach_port_name_t {
    task::lock()
        .allocate(MACH_PORT_RIGHT_RECEIVE, None)
        .unwrap_or(MACH_PORT_NULL)
}

/// A send right to one of the task's special ports.
pub unsafe extern "C" fn task_get_special_port(
    task: task_t,
    which: task_special_port_t,
    port: *mut mach_port_t,
) -> kern_return_t {
    let found = kernel_of(task).and_then(|mut kernel| match which {
        TASK_KERNEL_PORT => kernel.another_reference(task::TASK_SELF),
        TASK_NAME_PORT => kernel.task_port(TaskPort::Name),
        TASK_INSPECT_PORT => kernel.task_port(TaskPort::Inspect),
        TASK_READ_PORT => kernel.task_port(TaskPort::Read),
        TASK_HOST_PORT => kernel.another_reference(task::HOST_SELF),
        TASK_BOOTSTRAP_PORT => {
            let right = kernel.copy_of_kept(|kernel| &kernel.bootstrap);
            kernel.copyout_right(right)
        }
        // Nobody has ever set one of these.
        TASK_ACCESS_PORT | TASK_DEBUG_CONTROL_PORT | TASK_RESOURCE_NOTIFY_PORT => {
            Ok(MACH_PORT_NULL)
        }
        _ => Err(KERN_INVALID_ARGUMENT),
    });
    // SAFETY: the caller's promise.
    unsafe { give(port, found) }
}

/// Replaces the task's bootstrap port by a copy of a send right. Children inherit it, by the environment, which this changes.
pub unsafe extern "C" fn task_set_special_port(
    task: task_t,
    which: task_special_port_t,
    port: mach_port_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| {
        if which != TASK_BOOTSTRAP_PORT {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let right = kernel.copied(port)?;
        let before = std::mem::replace(&mut kernel.bootstrap, right);
        kernel.release(before);
        drop(kernel);
        tell_children();
        Ok(())
    }))
}

/// The process of a task's port.
pub unsafe extern "C" fn pid_for_task(task: mach_port_name_t, pid: *mut c_int) -> kern_return_t {
    let found = kernel_by(task, TaskPort::Name)
        .map(|kernel| kernel.pid)
        .map_err(|_| KERN_FAILURE);
    // SAFETY: the caller's promise.
    unsafe { give(pid, found) }
}

/// The port of a process's task: only this one's own can be had.
pub unsafe extern "C" fn task_for_pid(
    task: mach_port_name_t,
    pid: c_int,
    found: *mut mach_port_name_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { give(found, port_of_process(task, pid, TaskPort::Control)) }
}

fn port_of_process(
    task: mach_port_name_t,
    pid: c_int,
    which: TaskPort,
) -> Result<mach_port_name_t, kern_return_t> {
    let mut kernel = kernel_of(task)?;
    if pid == kernel.pid {
        kernel.task_port(which)
    } else {
        Err(KERN_FAILURE)
    }
}

/// As [`task_for_pid`], a port that only tells the task from others.
pub unsafe extern "C" fn task_name_for_pid(
    task: mach_port_name_t,
    pid: c_int,
    found: *mut mach_port_name_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { give(found, port_of_process(task, pid, TaskPort::Name)) }
}
