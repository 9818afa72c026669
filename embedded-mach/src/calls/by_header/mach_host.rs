//! Calls on the host: `mach/mach_host.h`.

pub use crate::calls::refused::memory::mach_memory_info_redacted;

pub use super::extra::{
    host_get_clock_service, host_get_special_port, host_info, host_kernel_version, host_page_size,
    mach_memory_object_memory_entry, mach_memory_object_memory_entry_64,
};
