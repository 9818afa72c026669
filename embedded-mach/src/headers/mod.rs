//! The headers: types, constants and inline functions, under the paths that `mach2` has them.
//!
//! Nothing here knows of the rest of the crate.

pub mod boolean;
pub mod clock_types;
pub mod exception_types;
pub mod kern_return;
pub mod mach_debug;
pub mod mach_types;
pub mod mach_voucher_types;
pub mod memory_object_types;
pub mod ndr;
pub mod notify;
pub mod policy;
pub mod port;
pub mod sync_policy;
pub mod task_info;
pub mod time_value;
pub mod vm_behavior;
pub mod vm_inherit;
pub mod vm_prot;
pub mod vm_region;
pub mod vm_statistics;
pub mod vm_types;

// These declare calls as well: programs see them whole, as `calls/by_header/` puts them together.
pub(crate) mod bootstrap;
pub(crate) mod error;
pub(crate) mod mach_time;
pub(crate) mod message;
pub(crate) mod mig;
pub(crate) mod mk_timer;
pub(crate) mod task_special_ports;
pub(crate) mod thread_switch;

// What `port` and `vm_types`, which use each other in C, are both made of.
mod machine;
