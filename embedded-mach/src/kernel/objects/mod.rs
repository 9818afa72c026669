//! What the embedded Mach itself receives on: the task, the host, semaphores, memory, files.

mod access;
pub(crate) mod kobject;
pub(crate) mod memory_entry;
