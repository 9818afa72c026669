//! Ports that the embedded Mach itself receives on.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::sys::semaphore::Semaphore;

/// What a send right to the kernel stands for.
#[derive(Debug)]
pub(crate) enum KernelObject {
    /// This task (`mach_task_self`).
    Task,
    /// The host (`mach_host_self`).
    Host,
    /// One of this task's threads.
    Thread,
    /// The directory of bootstrap names.
    Bootstrap,
    Semaphore(Arc<Semaphore>),
    /// Shareable memory: a memfd, where the entry begins in it, and its size in bytes.
    Memory {
        fd: Arc<OwnedFd>,
        offset: u64,
        size: u64,
        writable: bool,
    },
    /// An open file (`fileport_makeport`).
    File(OwnedFd),
}
