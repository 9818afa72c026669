//! The bytes of a Mach message, as a 64-bit task sees them.
//!
//! C packs these structs to 4 bytes. mach2's own descriptor structs are aligned to 8, so they would put an
//! out-of-line descriptor at offset 32 where the kernel has it at 28; hence these.

use zerocopy::native_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::ffi::message as raw;

/// `mach_msg_header_t`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
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
    pub(crate) fn is_complex(self) -> bool {
        self.bits & raw::MACH_MSGH_BITS_COMPLEX != 0
    }

    pub(crate) fn remote_disposition(self) -> u32 {
        self.bits & raw::MACH_MSGH_BITS_REMOTE_MASK
    }

    pub(crate) fn local_disposition(self) -> u32 {
        (self.bits & raw::MACH_MSGH_BITS_LOCAL_MASK) >> 8
    }

    pub(crate) fn voucher_disposition(self) -> u32 {
        (self.bits & raw::MACH_MSGH_BITS_VOUCHER_MASK) >> 16
    }

    pub(crate) fn set_remote(&mut self, name: u32, disposition: u32) {
        self.remote = name;
        self.bits = self.bits & !raw::MACH_MSGH_BITS_REMOTE_MASK | disposition;
    }

    pub(crate) fn set_local(&mut self, name: u32, disposition: u32) {
        self.local = name;
        self.bits = self.bits & !raw::MACH_MSGH_BITS_LOCAL_MASK | disposition << 8;
    }
}

/// `mach_msg_port_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct PortDescriptor {
    pub(crate) name: u32,
    pub(crate) pad1: u32,
    pub(crate) pad2: u16,
    pub(crate) disposition: u8,
    pub(crate) type_: u8,
}

/// `mach_msg_ool_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct MemoryDescriptor {
    pub(crate) address: U64,
    pub(crate) deallocate: u8,
    pub(crate) copy: u8,
    pub(crate) pad1: u8,
    pub(crate) type_: u8,
    pub(crate) size: u32,
}

/// `mach_msg_ool_ports_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct PortsDescriptor {
    pub(crate) address: U64,
    pub(crate) deallocate: u8,
    pub(crate) copy: u8,
    pub(crate) disposition: u8,
    pub(crate) type_: u8,
    pub(crate) count: u32,
}

/// `mach_msg_guarded_port_descriptor_t`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct GuardedDescriptor {
    pub(crate) context: U64,
    pub(crate) flags: u16,
    pub(crate) disposition: u8,
    pub(crate) type_: u8,
    pub(crate) name: u32,
}

/// `mach_msg_audit_trailer_t`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(crate) struct AuditTrailer {
    pub(crate) type_: u32,
    pub(crate) size: u32,
    pub(crate) sequence_number: u32,
    pub(crate) sender: [u32; 2],
    pub(crate) audit: [u32; 8],
}

/// Where the inline bytes of a message without descriptors begin.
pub(crate) const HEADER_SIZE: usize = size_of::<Header>();
/// Where the descriptors of a complex message begin: behind the header and their count.
pub(crate) const DESCRIPTORS_AT: usize = HEADER_SIZE + 4;
/// Where in every descriptor its type stands.
pub(crate) const TYPE_AT: usize = 11;
/// The audit trailer, the only kind that this crate asks for.
pub(crate) const TRAILER_SIZE: usize = size_of::<AuditTrailer>();

const _: () = {
    assert!(HEADER_SIZE == 24 && TRAILER_SIZE == 52);
    assert!(size_of::<PortDescriptor>() == 12 && align_of::<PortDescriptor>() == 4);
    assert!(size_of::<MemoryDescriptor>() == 16 && align_of::<MemoryDescriptor>() == 4);
    assert!(size_of::<PortsDescriptor>() == 16 && align_of::<PortsDescriptor>() == 4);
    assert!(size_of::<GuardedDescriptor>() == 16 && align_of::<GuardedDescriptor>() == 4);
    assert!(std::mem::offset_of!(PortDescriptor, type_) == TYPE_AT);
    assert!(std::mem::offset_of!(MemoryDescriptor, type_) == TYPE_AT);
    assert!(std::mem::offset_of!(PortsDescriptor, type_) == TYPE_AT);
    assert!(std::mem::offset_of!(GuardedDescriptor, type_) == TYPE_AT);
};

/// The size of a descriptor of this type, if it is known.
pub(crate) fn descriptor_size(type_: u8) -> Option<usize> {
    Some(match u32::from(type_) {
        raw::MACH_MSG_PORT_DESCRIPTOR => size_of::<PortDescriptor>(),
        raw::MACH_MSG_OOL_DESCRIPTOR | raw::MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {
            size_of::<MemoryDescriptor>()
        }
        raw::MACH_MSG_OOL_PORTS_DESCRIPTOR => size_of::<PortsDescriptor>(),
        raw::MACH_MSG_GUARDED_PORT_DESCRIPTOR => size_of::<GuardedDescriptor>(),
        _ => return None,
    })
}
