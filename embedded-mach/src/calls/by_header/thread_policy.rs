//! How a thread is to be scheduled: `mach/thread_policy.h`.

pub use crate::calls::thread_policy::{thread_policy_get, thread_policy_set};
pub use crate::headers::thread_policy::*;
