//! The ports that every task starts with: `mach/mach_init.h`.

pub use super::extra::mach_task_is_self;
pub use crate::calls::task::mach_host_self;
pub use crate::calls::thread::mach_thread_self;
