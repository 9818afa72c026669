//! The raw Mach calls, types and constants, in mach2's module paths on both systems.
//!
//! On macOS these are mach2's modules, on Linux embedded-mach's. [`extra`] holds the calls that mach2
//! does not declare, with the signatures of the C headers.
//!
//! ```
//! use mach_ports::ffi;
//!
//! let mut name = ffi::port::MACH_PORT_NULL;
//! // SAFETY: `name` is a valid place for the new name, which is destroyed below.
//! unsafe {
//!     let task = ffi::traps::mach_task_self();
//!     let right = ffi::port::MACH_PORT_RIGHT_RECEIVE;
//!     assert_eq!(ffi::mach_port::mach_port_allocate(task, right, &mut name), 0);
//!     assert_eq!(ffi::mach_port::mach_port_mod_refs(task, name, right, -1), 0);
//! }
//! ```

pub use crate::sys::ffi::*;
