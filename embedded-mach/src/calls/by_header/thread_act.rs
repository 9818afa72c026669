//! Threads: `mach/thread_act.h`.

pub use super::extra::thread_info;
pub use crate::calls::refused::thread::{
    thread_get_state, thread_resume, thread_resume2, thread_set_exception_ports, thread_set_state,
    thread_suspend, thread_suspend2,
};
pub use crate::calls::thread_policy::{thread_policy_get, thread_policy_set};
