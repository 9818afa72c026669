//! Ports that the embedded Mach itself receives on.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::ids::PortKey;
use super::names::is_valid;
use super::port::Home;
use super::{Kernel, Result};
use crate::kern_return::{KERN_INVALID_CAPABILITY, KERN_INVALID_NAME, KERN_INVALID_RIGHT};
use crate::port::{MACH_PORT_TYPE_SEND, mach_port_name_t};
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

impl Kernel {
    /// A name for a new object of the kernel's, with one reference.
    pub(crate) fn give_object(&mut self, object: KernelObject) -> Result<mach_port_name_t> {
        let key = self.add_port(Home::Kernel(object));
        let right = self.copy_send(key);
        self.copyout_right(right)
    }

    /// The kernel's object that a send right leads to.
    ///
    /// `KERN_INVALID_NAME` without such a name, `KERN_INVALID_RIGHT` if it is no send right, and
    /// `KERN_INVALID_CAPABILITY` if its port is not the kernel's.
    pub(crate) fn object(&mut self, name: mach_port_name_t) -> Result<&KernelObject> {
        if !is_valid(name) {
            return Err(KERN_INVALID_NAME);
        }
        let entry = self.look_at(name)?;
        if !entry.has(MACH_PORT_TYPE_SEND) {
            return Err(KERN_INVALID_RIGHT);
        }
        let key = entry.port().ok_or(KERN_INVALID_RIGHT)?;
        self.object_of(key).ok_or(KERN_INVALID_CAPABILITY)
    }

    fn object_of(&self, key: PortKey) -> Option<&KernelObject> {
        match &self.port(key)?.home {
            Home::Kernel(object) => Some(object),
            _ => None,
        }
    }

    /// The semaphore that a send right leads to.
    pub(crate) fn semaphore(&mut self, name: mach_port_name_t) -> Result<Arc<Semaphore>> {
        match self.object(name)? {
            KernelObject::Semaphore(semaphore) => Ok(Arc::clone(semaphore)),
            _ => Err(KERN_INVALID_CAPABILITY),
        }
    }
}
