//! What can be asked of the host: `mach/host_info.h`.

pub use super::extra::{host_info, host_kernel_version};
pub use crate::headers::host_info::*;
