//! Taking a checked message from its sender: rights out of its name space, memory out of its pages.

use super::check::Checked;
use super::{Failure, GivenUp};
use crate::headers::message::{
    MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND, MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
    MACH_MSG_VIRTUAL_COPY, MACH_SEND_INVALID_MEMORY, MACH_SEND_INVALID_RIGHT, MACH_SEND_NO_BUFFER,
    MACH_SEND_NOTIFY, mach_msg_option_t, mach_msg_return_t,
};
use crate::headers::port::{MACH_PORT_DEAD, MACH_PORT_NULL, mach_port_name_t};
use crate::kernel::Kernel;
use crate::kernel::messages::copyin::{Refusal, arrival};
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::namespace::guards::{Violation, violated};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Guard;
use crate::kernel::ports::right::Right;
use crate::sys::user;
use crate::wire::layout::{GuardedDescriptor, RawDescriptor, RegionDescriptor};
use crate::wire::spare;

/// Out-of-line memory up to this many bytes travels in the packet.
const SMALL_MEMORY: usize = 16 << 10;

impl Kernel {
    /// Takes a message's rights and memory from its sender. Whether room has been found for it is said too.
    pub(super) fn copyin_message(
        &mut self,
        checked: Checked<'_>,
        option: mach_msg_option_t,
        given_up: &mut GivenUp,
    ) -> Result<(Kmsg, bool), Failure> {
        let Checked {
            header,
            body,
            descriptors,
        } = checked;
        self.check_header(&header)?;
        let room_found = option & MACH_SEND_NOTIFY != 0 && self.finds_room(&header);
        let body = spare::try_copy(body).ok_or(MACH_SEND_NO_BUFFER)?;
        let (remote, local) = self.take_header_rights(&header);
        let mut message = Kmsg {
            id: header.id,
            complex: header.is_complex(),
            remote,
            local,
            local_disposition: arrival(header.local_disposition()) as u8,
            voucher: header.voucher,
            body: body.into(),
            descriptors: Vec::with_capacity(descriptors.len()),
            sender: Sender::default(),
            stamp: 0,
            link: None,
            rights_lost: false,
            charge: None,
        };
        for raw in descriptors {
            match self.copyin_descriptor(raw, message.remote.port(), given_up) {
                Ok(descriptor) => message.descriptors.push(descriptor),
                Err(code) => {
                    // What was taken in goes at once; this descriptor and the later ones stay with the sender (Mach fact 29).
                    self.destroy_now(message);
                    return Err(code.into());
                }
            }
        }
        Ok((message, room_found))
    }

    fn copyin_descriptor(
        &mut self,
        raw: RawDescriptor,
        to: Option<PortKey>,
        given_up: &mut GivenUp,
    ) -> Result<Descriptor, mach_msg_return_t> {
        match raw {
            RawDescriptor::Port(port) => {
                let disposition = u32::from(port.disposition);
                Ok(Descriptor::Port {
                    right: self.copyin_body_right(port.name, disposition, to)?,
                    disposition: arrival(disposition),
                    guard: None,
                })
            }
            RawDescriptor::Guarded(port) => {
                let disposition = u32::from(port.disposition);
                let flags = self.check_guarded(&port)?;
                Ok(Descriptor::Port {
                    right: self.copyin_body_right(port.name, disposition, to)?,
                    disposition: arrival(disposition),
                    guard: Some((port.context(), flags)),
                })
            }
            RawDescriptor::Memory(region) => self.copyin_memory(region, given_up),
            RawDescriptor::Ports(region) => self.copyin_ports(region, to, given_up),
        }
    }

    fn copyin_body_right(
        &mut self,
        name: mach_port_name_t,
        disposition: u32,
        to: Option<PortKey>,
    ) -> Result<Right, mach_msg_return_t> {
        let right = match name {
            MACH_PORT_NULL => Right::Null,
            MACH_PORT_DEAD => Right::Dead,
            _ => self
                .copyin_right(name, disposition, true)
                .map_err(|_: Refusal| MACH_SEND_INVALID_RIGHT)?,
        };
        if let Right::Receive(key) = right {
            self.put_in_transit(key, to);
        }
        Ok(right)
    }

    /// A guarded descriptor moves a receive right that is guarded as it says, or, as it says, not guarded. Its flags
    /// while it is on its way.
    fn check_guarded(&self, port: &GuardedDescriptor) -> Result<u16, mach_msg_return_t> {
        let unguarded = MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND as u16;
        let Some(local) = self
            .receive_right(port.name)
            .ok()
            .and_then(|key| self.local(key))
        else {
            // What is wrong with the name is found when it is taken in.
            return Ok(port.flags);
        };
        let fits = match local.guard {
            Guard::None => port.flags & unguarded != 0,
            Guard::Set { .. } => local.context == port.context(),
        };
        if fits {
            Ok(port.flags | unguarded)
        } else {
            violated(port.name, Violation::IncorrectGuard);
            Err(MACH_SEND_INVALID_RIGHT)
        }
    }

    fn copyin_ports(
        &mut self,
        region: RegionDescriptor,
        to: Option<PortKey>,
        given_up: &mut GivenUp,
    ) -> Result<Descriptor, mach_msg_return_t> {
        let disposition = u32::from(region.disposition);
        let bytes = region.size as usize * size_of::<mach_port_name_t>();
        let names = user::read(region.address(), bytes).map_err(|_| MACH_SEND_INVALID_MEMORY)?;
        if region.deallocate != 0 && bytes > 0 {
            given_up.push((region.address(), bytes));
        }
        let mut rights = Vec::with_capacity(region.size as usize);
        for name in names.as_chunks::<4>().0 {
            match self.copyin_body_right(u32::from_ne_bytes(*name), disposition, to) {
                Ok(right) => rights.push(right),
                Err(code) => {
                    for right in rights {
                        self.release(right);
                    }
                    return Err(code);
                }
            }
        }
        Ok(Descriptor::Ports {
            rights,
            disposition: arrival(disposition),
        })
    }

    fn copyin_memory(
        &mut self,
        region: RegionDescriptor,
        given_up: &mut GivenUp,
    ) -> Result<Descriptor, mach_msg_return_t> {
        let (address, len) = (region.address(), region.size as usize);
        let descriptor = |memory| Descriptor::Memory {
            memory,
            virtual_copy: u32::from(region.copy) == MACH_MSG_VIRTUAL_COPY,
            volatile: u32::from(region.kind) == MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
        };
        let gives_up = region.deallocate != 0 && len > 0;
        if gives_up && len > SMALL_MEMORY {
            // SAFETY: the sender asked for this memory to be deallocated with its message.
            if let Some(fd) = unsafe { self.memory.give_away(address, len) } {
                return Ok(descriptor(Memory::Sealed(fd, len)));
            }
        }
        let taken = if len <= SMALL_MEMORY {
            user::read(address, len).map(|bytes| Memory::Bytes(bytes.into()))
        } else {
            let copy = self.memory.sealed_copy(address, len);
            copy.map(|fd| Memory::Sealed(fd, len))
        };
        let memory = taken.map_err(|errno| match errno {
            nix::errno::Errno::EFAULT => MACH_SEND_INVALID_MEMORY,
            _ => MACH_SEND_NO_BUFFER,
        })?;
        if gives_up {
            given_up.push((address, len));
        }
        Ok(descriptor(memory))
    }
}
