//! What a message carries: its descriptors, and the bytes behind them.

use mach_ports::ffi::message::{
    MACH_MSG_GUARDED_PORT_DESCRIPTOR, MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR,
    MACH_MSG_OOL_VOLATILE_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, mach_msg_type_name_t,
};
use mach_ports::ffi::port::mach_port_name_t;

use super::{Buffer, HEADER};

/// Memory that a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where it is.
    pub address: usize,
    /// Who has the message is to free it.
    pub deallocate: u8,
    /// The copy option.
    pub copy: u8,
    /// Bytes, or entries of an array of ports.
    pub size: u32,
}

/// A descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `mach_msg_port_descriptor_t`.
    Port {
        /// The right's name.
        name: mach_port_name_t,
        /// The right.
        disposition: mach_msg_type_name_t,
    },
    /// `mach_msg_ool_descriptor_t`.
    Memory(Region),
    /// `mach_msg_ool_ports_descriptor_t`, and the rights' disposition.
    Ports(Region, mach_msg_type_name_t),
    /// `mach_msg_guarded_port_descriptor_t`.
    Guarded {
        /// The guard.
        context: u64,
        /// `MACH_MSG_GUARD_FLAGS_*`.
        flags: u16,
        /// The right.
        disposition: mach_msg_type_name_t,
        /// The right's name.
        name: mach_port_name_t,
    },
}

impl Item {
    /// The descriptor's size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Port { .. } => 12,
            _ => 16,
        }
    }

    /// No descriptor is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Buffer {
    /// The body's descriptors.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        if !self.is_complex() {
            return Vec::new();
        }
        let mut at = HEADER + 4;
        let items = (0..self.u32_at(HEADER)).map(|_| {
            let (item, len) = self.item(at);
            at += len;
            item
        });
        items.collect()
    }

    fn item(&self, at: usize) -> (Item, usize) {
        let [kind] = self.at(at + 11);
        let region = || Region {
            address: self.u64_at(at) as usize,
            deallocate: self.at::<1>(at + 8)[0],
            copy: self.at::<1>(at + 9)[0],
            size: self.u32_at(at + 12),
        };
        let [disposition] = self.at(at + 10);
        let disposition = u32::from(disposition);
        match u32::from(kind) {
            MACH_MSG_PORT_DESCRIPTOR => {
                let name = self.u32_at(at);
                (Item::Port { name, disposition }, 12)
            }
            MACH_MSG_OOL_DESCRIPTOR | MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {
                (Item::Memory(region()), 16)
            }
            MACH_MSG_OOL_PORTS_DESCRIPTOR => (Item::Ports(region(), disposition), 16),
            MACH_MSG_GUARDED_PORT_DESCRIPTOR => {
                let item = Item::Guarded {
                    context: self.u64_at(at),
                    flags: u16::from_ne_bytes(self.at(at + 8)),
                    disposition,
                    name: self.u32_at(at + 12),
                };
                (item, 16)
            }
            other => panic!("a descriptor of type {other}"),
        }
    }

    /// The one port descriptor that a message carries: name and disposition.
    #[must_use]
    pub fn only_port(&self) -> (mach_port_name_t, mach_msg_type_name_t) {
        match self.items().as_slice() {
            &[Item::Port { name, disposition }] => (name, disposition),
            other => panic!("not one port: {other:?}"),
        }
    }

    /// What follows header and descriptors.
    #[must_use]
    pub fn inline(&self) -> Vec<u8> {
        let descriptors: usize = self.items().iter().map(Item::len).sum();
        let count = if self.is_complex() { 4 } else { 0 };
        self.bytes()[HEADER + count + descriptors..self.size()].to_vec()
    }
}
