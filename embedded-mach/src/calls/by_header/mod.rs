//! The calls by the header that declares them in C: what programs import.

pub mod extra;
pub mod mach_init;
pub mod mach_port;
pub mod semaphore;
pub mod task;
pub mod traps;
pub mod vm;
pub mod vm_page_size;
