//! Ports that every task has: `mach/task_special_ports.h`.

pub use crate::calls::special_ports::{
    task_get_bootstrap_port, task_get_debug_control_port, task_get_host_port, task_get_kernel_port,
    task_get_task_access_port, task_set_bootstrap_port, task_set_host_port, task_set_kernel_port,
    task_set_task_access_port, task_set_task_debug_control_port,
};
pub use crate::headers::task_special_ports::*;
