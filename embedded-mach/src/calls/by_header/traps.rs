//! Traps: `mach/mach_traps.h`.

pub use super::extra::{
    clock_sleep_trap, host_self_trap, mach_reply_port, pid_for_task, task_self_trap,
    thread_self_trap,
};
pub use crate::calls::refused::memory::mach_vm_reclaim_update_kernel_accounting_trap;
pub use crate::calls::refused::thread::thread_set_x86_64_compat;
pub use crate::calls::task::{
    current_task, mach_task_self, mach_task_self_, task_for_pid, task_name_for_pid,
};
