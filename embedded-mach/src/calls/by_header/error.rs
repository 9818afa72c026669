//! How an error code is put together: `mach/error.h`.
//!
//! From the top: 6 bits system, 12 bits subsystem, 14 bits code.

pub use super::extra::{mach_error, mach_error_string, mach_error_type};
pub use crate::headers::error::*;
