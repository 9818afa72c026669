//! Traps: `mach/mach_traps.h`.

pub use crate::calls::task::{
    current_task, mach_task_self, mach_task_self_, task_for_pid, task_name_for_pid,
};
