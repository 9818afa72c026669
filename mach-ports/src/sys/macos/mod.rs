//! macOS: the kernel's Mach IPC and libdispatch.

pub(crate) mod dispatch;
pub mod extra;
pub(crate) mod names;
pub mod port;
pub(crate) mod process;
pub(crate) mod spawn;
#[cfg(feature = "tokio")]
pub(crate) mod watch;

/// mach2, and what it lacks beside it or in place of its own module.
pub(crate) mod ffi {
    pub use super::{extra, port};
    pub use mach2::*;
}
