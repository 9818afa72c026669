//! Ports that every task has: `mach/task_special_ports.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::calls::by_header::task::{task_get_special_port, task_set_special_port};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::task_t;
use crate::headers::port::mach_port_t;

/// Which of a task's special ports.
pub type task_special_port_t = c_int;

/// The task itself.
pub const TASK_KERNEL_PORT: task_special_port_t = 1;
/// The host.
pub const TASK_HOST_PORT: task_special_port_t = 2;
/// The task, only to be named.
pub const TASK_NAME_PORT: task_special_port_t = 3;
/// The namespace of services; children inherit it.
pub const TASK_BOOTSTRAP_PORT: task_special_port_t = 4;
/// The task, only to be inspected.
pub const TASK_INSPECT_PORT: task_special_port_t = 5;
/// The task, only to be read.
pub const TASK_READ_PORT: task_special_port_t = 6;
/// Who decides on access to the task.
pub const TASK_ACCESS_PORT: task_special_port_t = 9;
/// Who controls debugging of the task.
pub const TASK_DEBUG_CONTROL_PORT: task_special_port_t = 10;
/// Who hears of the task's resource use.
pub const TASK_RESOURCE_NOTIFY_PORT: task_special_port_t = 11;
/// The highest number.
pub const TASK_MAX_SPECIAL_PORT: task_special_port_t = TASK_RESOURCE_NOTIFY_PORT;

macro_rules! calls {
    ($($which:ident: $get:ident, $set:ident;)*) => {$(
        #[doc = concat!("`task_get_special_port` for [`", stringify!($which), "`].")]
        ///
        /// # Safety
        /// `port` can be written.
        #[inline]
        pub unsafe fn $get(task: task_t, port: *mut mach_port_t) -> kern_return_t {
            // SAFETY: the caller's promise.
            unsafe { task_get_special_port(task, $which, port) }
        }

        #[doc = concat!("`task_set_special_port` for [`", stringify!($which), "`].")]
        ///
        /// # Safety
        /// No other thread reads the environment at this time.
        #[inline]
        pub unsafe fn $set(task: task_t, port: mach_port_t) -> kern_return_t {
            // SAFETY: the caller's promise.
            unsafe { task_set_special_port(task, $which, port) }
        }
    )*};
}

calls! {
    TASK_KERNEL_PORT: task_get_kernel_port, task_set_kernel_port;
    TASK_HOST_PORT: task_get_host_port, task_set_host_port;
    TASK_BOOTSTRAP_PORT: task_get_bootstrap_port, task_set_bootstrap_port;
    TASK_DEBUG_CONTROL_PORT: task_get_debug_control_port, task_set_task_debug_control_port;
    TASK_ACCESS_PORT: task_get_task_access_port, task_set_task_access_port;
}
