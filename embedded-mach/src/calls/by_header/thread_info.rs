//! What can be asked of a thread: `mach/thread_info.h`.

pub use super::extra::thread_info;
pub use crate::headers::thread_info::*;
