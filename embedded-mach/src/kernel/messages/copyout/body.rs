//! What a message's descriptors become in the receiver's buffer.

use zerocopy::IntoBytes;

use super::{Destination, Guarded};
use crate::headers::kern_return::{KERN_FAILURE, KERN_RESOURCE_SHORTAGE};
use crate::headers::message::{
    MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE, MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND,
    MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR, MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
    MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_VM_SPACE, mach_msg_return_t, mach_msg_type_name_t,
};
use crate::headers::port::{MACH_PORT_NULL, MACH_PORT_VALID};
use crate::kernel::messages::kmsg::{Descriptor, Memory};
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::memory;
use crate::wire::layout::{COUNT, GuardedDescriptor, PortDescriptor, RegionDescriptor};

impl Kernel {
    pub(super) fn copyout_body(
        &mut self,
        body: &mut [u8],
        descriptors: Vec<Descriptor>,
        to: Destination,
    ) -> mach_msg_return_t {
        let mut failed = 0;
        let mut at = COUNT;
        for descriptor in descriptors {
            let written = self.copyout_descriptor(descriptor, to, &mut failed);
            let bytes = written.as_bytes();
            if let Some(place) = body.get_mut(at..at.saturating_add(bytes.len())) {
                place.copy_from_slice(bytes);
            }
            at = at.saturating_add(bytes.len());
        }
        failed
    }

    fn copyout_descriptor(
        &mut self,
        descriptor: Descriptor,
        to: Destination,
        failed: &mut mach_msg_return_t,
    ) -> Written {
        match descriptor {
            Descriptor::Port {
                right,
                disposition,
                guard,
            } => {
                if let Some(guard) = guard {
                    return self.copyout_guarded(right, disposition, guard, to, failed);
                }
                Written::Port(PortDescriptor {
                    name: self.place_or(right, failed),
                    pad1: 0,
                    pad2: 0,
                    disposition: disposition as u8,
                    kind: MACH_MSG_PORT_DESCRIPTOR as u8,
                })
            }
            Descriptor::Memory {
                memory,
                virtual_copy,
                volatile,
            } => {
                let kind = if volatile {
                    MACH_MSG_OOL_VOLATILE_DESCRIPTOR
                } else {
                    MACH_MSG_OOL_DESCRIPTOR
                };
                let len = memory.len();
                let (address, len) = map(memory).map_or_else(
                    |_| {
                        *failed |= MACH_MSG_VM_SPACE;
                        (0, 0)
                    },
                    |address| (address, len),
                );
                // The program may have unmapped what was said to be there without asking this library.
                self.memory
                    .marks
                    .remove(&(address..address.saturating_add(len)));
                Written::Region(RegionDescriptor::new(
                    address,
                    virtual_copy,
                    u8::from(virtual_copy),
                    0,
                    kind,
                    len as u32,
                ))
            }
            Descriptor::Ports {
                rights,
                disposition,
            } => {
                let count = rights.len() as u32;
                let names: Vec<_> = rights
                    .into_iter()
                    .map(|right| self.place_or(right, failed))
                    .collect();
                let address = memory::map_copy(names.as_bytes()).unwrap_or_else(|_| {
                    *failed |= MACH_MSG_VM_SPACE;
                    0
                });
                Written::Region(RegionDescriptor::new(
                    address,
                    true,
                    1,
                    disposition as u8,
                    MACH_MSG_OOL_PORTS_DESCRIPTOR,
                    count,
                ))
            }
        }
    }

    fn copyout_guarded(
        &mut self,
        right: Right,
        disposition: mach_msg_type_name_t,
        (mut context, mut flags): (u64, u16),
        to: Destination,
        failed: &mut mach_msg_return_t,
    ) -> Written {
        let receive = match right {
            Right::Receive(key) => Some(key),
            _ => None,
        };
        let name = if to.guarded == Guarded::Refused {
            self.release(right);
            context = 0;
            MACH_PORT_NULL
        } else {
            self.place_or(right, failed)
        };
        let immovable = MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE as u16;
        if let Some(key) = receive.filter(|_| MACH_PORT_VALID(name) && flags & immovable != 0) {
            context = to.buffer as u64;
            flags &= !(MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND as u16);
            self.guard_arrived(key, context, to.guarded == Guarded::Kept);
        }
        Written::Guarded(GuardedDescriptor::new(
            context,
            flags,
            disposition as u8,
            name,
        ))
    }
}

/// Out-of-line memory as pages of this process; the address.
fn map(memory: Memory) -> Result<usize> {
    match memory {
        Memory::Bytes(bytes) => bytes.map(),
        Memory::Sealed(fd, len) => memory::map_private(&fd, len),
    }
    .map_err(|errno| match errno {
        nix::errno::Errno::ENOMEM => KERN_RESOURCE_SHORTAGE,
        _ => KERN_FAILURE,
    })
}

/// A descriptor's bytes.
enum Written {
    Port(PortDescriptor),
    Region(RegionDescriptor),
    Guarded(GuardedDescriptor),
}

impl Written {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Port(d) => d.as_bytes(),
            Self::Region(d) => d.as_bytes(),
            Self::Guarded(d) => d.as_bytes(),
        }
    }
}
