//! The registers of threads, which are not told: `mach/thread_state.h`.

pub use crate::calls::refused::thread::thread_get_register_pointer_values;
