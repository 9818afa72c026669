//! Tasks: `mach/task.h`.

pub use crate::calls::exc_guard::{task_get_exc_guard_behavior, task_set_exc_guard_behavior};
pub use crate::calls::refused::task::*;
pub use crate::calls::registered::{mach_ports_lookup, mach_ports_register};
pub use crate::calls::task::{task_get_special_port, task_set_special_port};
pub use crate::calls::task_info::task_info;
pub use crate::calls::thread_info::task_threads;
pub use crate::headers::task_messages::*;
