//! Tasks: `mach/task.h`.

pub use crate::calls::task::{task_get_special_port, task_info, task_set_special_port};
