//! The ports that every task starts with: `mach/mach_init.h`.

pub use crate::calls::task::mach_host_self;
pub use crate::calls::thread::mach_thread_self;
