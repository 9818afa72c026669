//! Looking into name spaces: the headers under `mach_debug/`.

pub mod ipc_info;
pub mod zone_info;
