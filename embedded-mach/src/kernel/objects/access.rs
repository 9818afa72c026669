//! From names to what the embedded Mach receives on, and back.

use core::ffi::c_int;
use std::os::fd::AsFd;
use std::sync::Arc;

use super::kobject::KernelObject;
use super::memory_entry::MemoryEntry;
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME, KERN_INVALID_OBJECT,
    KERN_INVALID_RIGHT, KERN_RESOURCE_SHORTAGE,
};
use crate::headers::port::{MACH_PORT_TYPE_SEND, MACH_PORT_VALID, mach_port_name_t};
use crate::headers::sync_policy::sync_policy_t;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::semaphore::Semaphore;

/// The highest number that says an order of waiting threads.
const MAX_POLICY: sync_policy_t = 7;

impl Kernel {
    /// A name for a new object of the kernel's, with one reference.
    pub(crate) fn give_object(&mut self, object: KernelObject) -> Result<mach_port_name_t> {
        let right = self.right_to(object);
        self.copyout_right(right)
    }

    /// A send right to a new object of the kernel's.
    fn right_to(&mut self, object: KernelObject) -> Right {
        let key = self.add_port(Home::Kernel(object));
        self.copy_send(key)
    }

    /// A send right to a new semaphore. Waiting threads wake in no particular order, whatever the policy.
    pub(crate) fn new_semaphore(&mut self, policy: sync_policy_t, value: c_int) -> Result<Right> {
        if value < 0 || !(0..=MAX_POLICY).contains(&policy) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let made = Semaphore::new(value).map_err(|_| KERN_RESOURCE_SHORTAGE)?;
        Ok(self.right_to(KernelObject::Semaphore(Arc::new(made))))
    }

    /// Ends the semaphore that a right leads to. The right goes, whatever becomes of that.
    pub(crate) fn end_semaphore(&mut self, right: Right) -> Result<()> {
        let ended = match right.port().and_then(|key| self.object_of(key)) {
            Some(KernelObject::Semaphore(semaphore)) => Ok(Arc::clone(semaphore)),
            _ => Err(KERN_INVALID_CAPABILITY),
        };
        self.release(right);
        let ended = ended?;
        match ended.is_made_here() && ended.terminate() {
            true => Ok(()),
            false => Err(KERN_INVALID_ARGUMENT),
        }
    }

    /// One more reference to a send right, under its name.
    pub(crate) fn another_reference(&mut self, name: mach_port_name_t) -> Result<mach_port_name_t> {
        let key = self.look_at(name)?.port().ok_or(KERN_INVALID_RIGHT)?;
        let right = self.copy_send(key);
        self.copyout_right(right)
    }

    /// The kernel's object that a send right leads to.
    ///
    /// `KERN_INVALID_NAME` without such a name, `KERN_INVALID_RIGHT` if it is no send right, and
    /// `KERN_INVALID_CAPABILITY` if its port is not the kernel's.
    pub(crate) fn object(&mut self, name: mach_port_name_t) -> Result<&KernelObject> {
        if !MACH_PORT_VALID(name) {
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

    /// The port of an object that arrives, if this task has one. Two ports of one open file stay two.
    pub(crate) fn port_of_object(&self, arriving: &KernelObject) -> Option<PortKey> {
        let same = |known: &KernelObject| match (known, arriving) {
            (KernelObject::Semaphore(one), KernelObject::Semaphore(other)) => {
                one.id() == other.id()
            }
            (KernelObject::Memory(one), KernelObject::Memory(other)) => one.is(other),
            (KernelObject::Host, KernelObject::Host)
            | (KernelObject::Bootstrap, KernelObject::Bootstrap) => true,
            _ => false,
        };
        let mut ports = self.ports.iter();
        ports.find_map(|(key, port)| match &port.home {
            Home::Kernel(known) if same(known) => Some(key),
            _ => None,
        })
    }

    /// The semaphore that a send right leads to, for a thread that will wait: it ends with the process that made it.
    pub(crate) fn semaphore_to_wait_for(
        &mut self,
        name: mach_port_name_t,
    ) -> Result<Arc<Semaphore>> {
        let semaphore = self.semaphore(name)?;
        let port = self.space.get(name).and_then(|entry| entry.port());
        if let (Some(end), Some(port)) = (semaphore.maker_end(), port) {
            self.watch_maker(port, end.as_fd());
        }
        Ok(semaphore)
    }

    /// The process that made a semaphore has ended.
    pub(crate) fn maker_ended(&self, port: PortKey) {
        if let Some(KernelObject::Semaphore(semaphore)) = self.object_of(port) {
            semaphore.terminate();
        }
    }

    /// The semaphore that a send right leads to.
    pub(crate) fn semaphore(&mut self, name: mach_port_name_t) -> Result<Arc<Semaphore>> {
        match self.object(name)? {
            KernelObject::Semaphore(semaphore) => Ok(Arc::clone(semaphore)),
            _ => Err(KERN_INVALID_CAPABILITY),
        }
    }

    /// The memory that a send right leads to.
    pub(crate) fn memory_entry(&mut self, name: mach_port_name_t) -> Result<MemoryEntry> {
        match self.object(name) {
            Ok(KernelObject::Memory(entry)) => Ok(entry.clone()),
            _ => Err(KERN_INVALID_OBJECT),
        }
    }
}
