//! Linux: the embedded Mach, an epoll thread and pidfds.

pub(crate) mod dispatch;
pub(crate) mod names;
pub(crate) mod process;
pub(crate) mod readiness;
pub(crate) mod spawn;
#[cfg(feature = "tokio")]
pub(crate) mod watch;

/// The embedded Mach, which has mach2's modules and `extra`.
pub(crate) mod ffi {
    pub use embedded_mach::*;
}
