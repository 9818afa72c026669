//! The headers: types, constants and inline functions, under the paths that `mach2` has them.
//!
//! Nothing here knows of the rest of the crate. What a header declares beside these, its calls, is added to them in
//! `calls/by_header/`, which the crate's root shows.

pub mod boolean;
pub mod bootstrap;
pub mod clock_types;
pub mod error;
pub mod kern_return;
pub mod mach_debug;
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
pub mod sync_policy;
pub mod task_info;
pub mod task_special_ports;
pub mod thread_switch;
pub mod time_value;
pub mod vm_behavior;
pub mod vm_inherit;
pub mod vm_prot;
pub mod vm_statistics;
pub mod vm_types;
