//! Exceptions, which are told to nobody: `mach/exc.h`.

pub use crate::calls::refused::exceptions::*;
pub use crate::headers::exc::*;
