//! Calls on the host: `mach/mach_host.h`.

pub use super::extra::{host_get_clock_service, host_page_size};
