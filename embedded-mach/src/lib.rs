//! Mach IPC for Linux: the calls, types and semantics of macOS's ports, in the process itself.
#![cfg(target_os = "linux")]

mod calls;
mod error_strings;
mod kernel;
mod sys;
mod wire;

pub mod boolean;
pub mod bootstrap;
pub mod clock_types;
pub mod error;
pub mod extra;
pub mod kern_return;
pub mod linux;
pub mod mach_debug;
pub mod mach_init;
pub mod mach_port;
pub mod mach_time;
pub mod mach_types;
pub mod mach_voucher_types;
pub mod memory_object_types;
pub mod message;
pub mod mig;
pub mod ndr;
pub mod notify;
pub mod policy;
pub mod port;
pub mod semaphore;
pub mod sync_policy;
pub mod task;
pub mod task_info;
pub mod task_special_ports;
pub mod thread_switch;
pub mod time_value;
pub mod traps;
pub mod vm;
pub mod vm_behavior;
pub mod vm_inherit;
pub mod vm_page_size;
pub mod vm_prot;
pub mod vm_statistics;
pub mod vm_types;
