//! macOS: the kernel's Mach IPC and libdispatch.

pub(crate) mod dispatch;
pub mod extra;
pub(crate) mod process;
pub(crate) mod spawn;

/// mach2, and beside it what it lacks.
pub(crate) mod ffi {
    pub use super::extra;
    pub use mach2::*;
}
