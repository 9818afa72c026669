//! The descriptors of a message, read one by one.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use crate::calls;
use crate::ffi::message as raw;
use crate::message::disposition::moved_kind;
use crate::message::layout::{
    GuardedDescriptor, MemoryDescriptor, PortDescriptor, PortsDescriptor, TYPE_AT, descriptor_size,
};
use crate::message::memory::{OolMemory, lent_words, take_words};
use crate::message::wire::Wire;
use crate::right::{RightKind, release};

/// What a received message has in one place of its descriptor list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Descriptor {
    /// A port right.
    Port {
        /// Which kind was sent; of no right, which was to be sent, as far as the message says so.
        kind: RightKind,
        /// Whether it is there: `false` if the sender named no port or a dead one, or the right has been taken.
        present: bool,
    },
    /// Memory.
    OutOfLine {
        /// Its size in bytes; 0 once it has been taken.
        len: usize,
    },
    /// An array of port rights.
    OutOfLinePorts {
        /// How many there are; 0 once they have been taken.
        count: usize,
        /// Which kind they are.
        kind: RightKind,
    },
    /// A guarded receive right, which this crate does not hand out.
    Guarded,
}

/// A descriptor as it stands on the wire. A moving disposition, or the deallocate flag, means that
/// whoever holds the message owns what is named.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    Port(PortDescriptor),
    Memory(MemoryDescriptor),
    Ports(PortsDescriptor),
    Guarded(GuardedDescriptor),
}

impl Entry {
    /// The descriptor at an offset and its size, if it is whole and of a known type.
    pub(crate) fn read(wire: &Wire, at: usize) -> Option<(Self, usize)> {
        let type_: u8 = wire.read(at.checked_add(TYPE_AT)?)?;
        let entry = match u32::from(type_) {
            raw::MACH_MSG_PORT_DESCRIPTOR => Self::Port(wire.read(at)?),
            raw::MACH_MSG_OOL_DESCRIPTOR | raw::MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {
                Self::Memory(wire.read(at)?)
            }
            raw::MACH_MSG_OOL_PORTS_DESCRIPTOR => Self::Ports(wire.read(at)?),
            raw::MACH_MSG_GUARDED_PORT_DESCRIPTOR => Self::Guarded(wire.read(at)?),
            _ => return None,
        };
        Some((entry, descriptor_size(type_)?))
    }

    /// The typed view; `None` if a right is there with a disposition that none can arrive with.
    pub(crate) fn view(&self) -> Option<Descriptor> {
        Some(match self {
            Self::Port(port) => {
                let present = port.name != calls::NULL && port.name != calls::DEAD;
                // The kernel does not look at the disposition of what is no right, and C stubs leave it unset.
                let kind = match moved_kind(port.disposition.into()) {
                    None if !present => RightKind::Send,
                    kind => kind?,
                };
                Descriptor::Port { kind, present }
            }
            Self::Memory(memory) => Descriptor::OutOfLine {
                len: memory.size as usize,
            },
            Self::Ports(ports) => Descriptor::OutOfLinePorts {
                count: ports.count as usize,
                kind: moved_kind(ports.disposition.into())?,
            },
            Self::Guarded(_) => Descriptor::Guarded,
        })
    }

    /// Releases what the descriptor owns.
    ///
    /// # Safety
    ///
    /// It owns it: nothing of it has been released or taken, nor will be.
    pub(crate) unsafe fn release(self) {
        match self {
            Self::Port(port) => {
                if let Some(kind) = moved_kind(port.disposition.into()) {
                    release(port.name, kind);
                }
            }
            Self::Memory(memory) => {
                if memory.deallocate != 0 {
                    // SAFETY: the caller's promise.
                    drop(unsafe {
                        OolMemory::from_raw(memory.address.get() as usize, memory.size as usize)
                    });
                }
            }
            Self::Ports(ports) => {
                let address = ports.address.get() as usize;
                let names = if ports.deallocate != 0 {
                    // SAFETY: the caller's promise.
                    unsafe { take_words(address, ports.count) }
                } else {
                    // SAFETY: an array that is not given away is lent to an unsent message, and outlives it.
                    unsafe { lent_words(address, ports.count) }
                };
                if let Some(kind) = moved_kind(ports.disposition.into()) {
                    names.into_iter().for_each(|name| release(name, kind));
                }
            }
            Self::Guarded(guarded) => {
                if guarded.name != calls::NULL
                    && guarded.name != calls::DEAD
                    && let Err(error) = calls::destruct(guarded.name, guarded.context.get())
                {
                    tracing::warn!(name = guarded.name, %error, "a guarded right could not be destroyed");
                }
            }
        }
    }
}
