//! What `mach/task_special_ports.h` declares beside its calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

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
