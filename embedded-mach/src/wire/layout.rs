//! Where things stand in a message, in bytes.
//!
//! C packs Mach messages to 4 bytes, so these are laid out of 32-bit words; an address is two of them.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::headers::kern_return::kern_return_t;
use crate::headers::message::{
    MACH_MSG_GUARD_FLAGS_MASK, MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND,
    MACH_MSG_GUARDED_PORT_DESCRIPTOR, MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR,
    MACH_MSG_OOL_VOLATILE_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_TYPE_MOVE_RECEIVE,
    MACH_MSG_VIRTUAL_COPY, MACH_MSGH_BITS_COMPLEX, MACH_MSGH_BITS_LOCAL_MASK,
    MACH_MSGH_BITS_REMOTE_MASK, MACH_MSGH_BITS_VOUCHER_MASK, MACH_SEND_INVALID_TYPE,
    MACH_SEND_MSG_TOO_SMALL, MACH_SEND_TOO_LARGE,
};

/// The size of a header.
pub(crate) const HEADER: usize = size_of::<Header>();
/// The descriptor count that follows the header of a complex message.
pub(crate) const COUNT: usize = 4;
/// The most rights that one message carries, out-of-line arrays included.
pub(crate) const MAX_RIGHTS: usize = 16_383;
/// The longest message, header included: three quarters of XNU's 64 MiB for a message in its kernel, less a trailer.
pub(crate) const MAX_MESSAGE: usize = (48 << 20) - 68;

/// `mach_msg_header_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) bits: u32,
    pub(crate) size: u32,
    pub(crate) remote: u32,
    pub(crate) local: u32,
    pub(crate) voucher: u32,
    pub(crate) id: i32,
}

impl Header {
    pub(crate) fn remote_disposition(&self) -> u32 {
        self.bits & MACH_MSGH_BITS_REMOTE_MASK
    }

    pub(crate) fn local_disposition(&self) -> u32 {
        (self.bits & MACH_MSGH_BITS_LOCAL_MASK) >> 8
    }

    pub(crate) fn voucher_disposition(&self) -> u32 {
        (self.bits & MACH_MSGH_BITS_VOUCHER_MASK) >> 16
    }

    pub(crate) fn is_complex(&self) -> bool {
        self.bits & MACH_MSGH_BITS_COMPLEX != 0
    }
}

/// `mach_msg_port_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct PortDescriptor {
    pub(crate) name: u32,
    pub(crate) pad1: u32,
    pub(crate) pad2: u16,
    pub(crate) disposition: u8,
    pub(crate) kind: u8,
}

/// `mach_msg_ool_descriptor_t` and `mach_msg_ool_ports_descriptor_t`, which has its disposition where the other
/// has padding.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct RegionDescriptor {
    address: [u32; 2],
    pub(crate) deallocate: u8,
    pub(crate) copy: u8,
    pub(crate) disposition: u8,
    pub(crate) kind: u8,
    /// Bytes of memory, or entries of an array.
    pub(crate) size: u32,
}

/// `mach_msg_guarded_port_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct GuardedDescriptor {
    context: [u32; 2],
    pub(crate) flags: u16,
    pub(crate) disposition: u8,
    pub(crate) kind: u8,
    pub(crate) name: u32,
}

fn join(words: [u32; 2]) -> u64 {
    u64::from(words[0]) | u64::from(words[1]) << 32
}

fn split(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

impl RegionDescriptor {
    pub(crate) fn new(
        address: usize,
        deallocate: bool,
        copy: u8,
        disposition: u8,
        kind: u32,
        size: u32,
    ) -> Self {
        Self {
            address: split(address as u64),
            deallocate: u8::from(deallocate),
            copy,
            disposition,
            kind: kind as u8,
            size,
        }
    }

    pub(crate) fn address(&self) -> usize {
        join(self.address) as usize
    }
}

impl GuardedDescriptor {
    pub(crate) fn new(context: u64, flags: u16, disposition: u8, name: u32) -> Self {
        Self {
            context: split(context),
            flags,
            disposition,
            kind: MACH_MSG_GUARDED_PORT_DESCRIPTOR as u8,
            name,
        }
    }

    pub(crate) fn context(&self) -> u64 {
        join(self.context)
    }

    /// It moves a receive right, says something about its guard, and does not name the guard of one that has none.
    fn is_well_formed(&self) -> bool {
        let flags = u32::from(self.flags);
        u32::from(self.disposition) == MACH_MSG_TYPE_MOVE_RECEIVE
            && flags != 0
            && flags & !MACH_MSG_GUARD_FLAGS_MASK == 0
            && (flags & MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND == 0 || self.context() == 0)
    }
}

/// A descriptor as it stands in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawDescriptor {
    Port(PortDescriptor),
    Memory(RegionDescriptor),
    Ports(RegionDescriptor),
    Guarded(GuardedDescriptor),
}

impl RawDescriptor {
    /// Whether the fields beside the type have values that exist.
    fn is_well_formed(&self) -> bool {
        match self {
            // How an array of rights is copied is nobody's choice, and code made by MIG does not fill the field in.
            Self::Port(_) | Self::Ports(_) => true,
            Self::Memory(region) => u32::from(region.copy) <= MACH_MSG_VIRTUAL_COPY,
            Self::Guarded(port) => port.is_well_formed(),
        }
    }

    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Port(_) => size_of::<PortDescriptor>(),
            Self::Memory(_) | Self::Ports(_) => size_of::<RegionDescriptor>(),
            Self::Guarded(_) => size_of::<GuardedDescriptor>(),
        }
    }
}

/// Where the type stands in every descriptor.
pub(crate) const KIND_AT: usize = 11;

/// How many bytes a descriptor of a type has; nothing for a type that there is not.
pub(crate) fn size_of_kind(kind: u8) -> Option<usize> {
    match u32::from(kind) {
        MACH_MSG_PORT_DESCRIPTOR => Some(size_of::<PortDescriptor>()),
        MACH_MSG_OOL_DESCRIPTOR
        | MACH_MSG_OOL_VOLATILE_DESCRIPTOR
        | MACH_MSG_OOL_PORTS_DESCRIPTOR => Some(size_of::<RegionDescriptor>()),
        MACH_MSG_GUARDED_PORT_DESCRIPTOR => Some(size_of::<GuardedDescriptor>()),
        _ => None,
    }
}

/// Reads the descriptor at the start of `bytes`.
pub(crate) fn descriptor(bytes: &[u8]) -> Result<RawDescriptor, kern_return_t> {
    fn read<T: FromBytes>(bytes: &[u8]) -> Result<T, kern_return_t> {
        T::read_from_prefix(bytes)
            .map(|(value, _)| value)
            .map_err(|_| MACH_SEND_MSG_TOO_SMALL)
    }
    let kind = *bytes.get(KIND_AT).ok_or(MACH_SEND_MSG_TOO_SMALL)?;
    match u32::from(kind) {
        MACH_MSG_PORT_DESCRIPTOR => read(bytes).map(RawDescriptor::Port),
        MACH_MSG_OOL_DESCRIPTOR | MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {
            read(bytes).map(RawDescriptor::Memory)
        }
        MACH_MSG_OOL_PORTS_DESCRIPTOR => read(bytes).map(RawDescriptor::Ports),
        MACH_MSG_GUARDED_PORT_DESCRIPTOR => read(bytes).map(RawDescriptor::Guarded),
        _ => Err(MACH_SEND_INVALID_TYPE),
    }
}

/// The descriptor count of a complex message's body.
pub(crate) fn count(body: &[u8]) -> Option<usize> {
    u32::read_from_prefix(body)
        .ok()
        .map(|(count, _)| count as usize)
}

/// Checks the body of a complex message that is to be sent (Mach fact 27) and finds its descriptors.
pub(crate) fn descriptors(body: &[u8]) -> Result<Vec<RawDescriptor>, kern_return_t> {
    let count = count(body).ok_or(MACH_SEND_MSG_TOO_SMALL)?;
    // The smallest descriptor has 12 bytes: a count that cannot fit asks for no memory here.
    let mut rest = body.get(COUNT..).unwrap_or_default();
    let least = count.checked_mul(size_of::<PortDescriptor>());
    if least.is_none_or(|least| least > rest.len()) {
        return Err(MACH_SEND_MSG_TOO_SMALL);
    }
    let mut found = Vec::with_capacity(count);
    let mut rights = 0usize;
    for _ in 0..count {
        let raw = descriptor(rest)?;
        match &raw {
            RawDescriptor::Port(_) | RawDescriptor::Guarded(_) => rights = rights.saturating_add(1),
            RawDescriptor::Ports(ports) => rights = rights.saturating_add(ports.size as usize),
            RawDescriptor::Memory(_) => {}
        }
        if !raw.is_well_formed() {
            return Err(MACH_SEND_INVALID_TYPE);
        }
        if rights > MAX_RIGHTS {
            return Err(MACH_SEND_TOO_LARGE);
        }
        rest = rest.get(raw.size()..).unwrap_or_default();
        found.push(raw);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_c() {
        assert_eq!(HEADER, 24);
        assert_eq!(size_of::<PortDescriptor>(), 12);
        assert_eq!(size_of::<RegionDescriptor>(), 16);
        assert_eq!(size_of::<GuardedDescriptor>(), 16);
        assert_eq!(std::mem::offset_of!(PortDescriptor, kind), KIND_AT);
        assert_eq!(std::mem::offset_of!(RegionDescriptor, kind), KIND_AT);
        assert_eq!(std::mem::offset_of!(GuardedDescriptor, kind), KIND_AT);
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        let mut body = vec![0; 4 + 11];
        body[0] = 1;
        assert_eq!(descriptors(&body).unwrap_err(), MACH_SEND_MSG_TOO_SMALL);
        body.push(0);
        assert_eq!(descriptors(&body).unwrap().len(), 1);
        body[15] = 9;
        assert_eq!(descriptors(&body).unwrap_err(), MACH_SEND_INVALID_TYPE);
        body[..4].copy_from_slice(&u32::MAX.to_ne_bytes());
        assert_eq!(descriptors(&body).unwrap_err(), MACH_SEND_MSG_TOO_SMALL);
    }
}
