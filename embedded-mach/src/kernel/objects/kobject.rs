//! What the embedded Mach itself receives on.

use std::sync::Arc;

use super::memory_entry::MemoryEntry;
use crate::sys::foreign::Foreign;
use crate::sys::semaphore::Semaphore;

/// What a send right to the kernel stands for.
#[derive(Debug)]
pub(crate) enum KernelObject {
    /// This task (`mach_task_self`).
    Task,
    /// The host (`mach_host_self`).
    Host,
    /// One of this task's threads, by the number that Linux gives it.
    Thread(i32),
    /// The directory of bootstrap names.
    Bootstrap,
    Semaphore(Arc<Semaphore>),
    Memory(MemoryEntry),
    /// An open file (`fileport_makeport`).
    File(Foreign),
}
