//! What the embedded Mach itself receives on.

use std::sync::Arc;

use super::memory_entry::MemoryEntry;
use crate::sys::foreign::Foreign;
use crate::sys::semaphore::Semaphore;

/// What a task's port is good for, from the least on: each can do what those before it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TaskPort {
    /// To tell the task from others.
    Name,
    Inspect,
    Read,
    /// Everything (`mach_task_self`).
    Control,
}

/// Which clock a port is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockPort {
    /// The one that counts from boot.
    System,
    /// The one that tells the date.
    Calendar,
}

/// What a send right to the kernel stands for.
#[derive(Debug)]
pub(crate) enum KernelObject {
    /// This task, by a port that is good for more or less.
    Task(TaskPort),
    /// The host (`mach_host_self`).
    Host,
    /// A clock (`host_get_clock_service`).
    Clock(ClockPort),
    /// One of this task's threads, by the number that Linux gives it.
    Thread(i32),
    /// The directory of bootstrap names.
    Bootstrap,
    Semaphore(Arc<Semaphore>),
    Memory(MemoryEntry),
    /// An open file (`fileport_makeport`).
    File(Foreign),
}
