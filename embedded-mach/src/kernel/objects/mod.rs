//! What the embedded Mach itself receives on: the task, the host, semaphores, memory, files. And the task's memory.

mod access;
pub(crate) mod kobject;
pub(crate) mod marks;
pub(crate) mod memory_entry;
pub(crate) mod movable;
pub(crate) mod own_memory;
pub(crate) mod thread_policy;
