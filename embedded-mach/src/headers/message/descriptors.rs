//! Descriptors: what a complex message carries beside bytes.

use core::ffi::{c_uint, c_void};

use super::{mach_msg_size_t, mach_msg_type_name_t};
use crate::headers::port::{mach_port_name_t, mach_port_t};
use crate::headers::vm_types::{mach_port_context_t, natural_t};

/// What a descriptor describes.
pub type mach_msg_descriptor_type_t = c_uint;
/// How out-of-line memory is sent.
pub type mach_msg_copy_options_t = c_uint;
/// What happens to a guarded receive right.
pub type mach_msg_guard_flags_t = c_uint;

/// One right.
pub const MACH_MSG_PORT_DESCRIPTOR: mach_msg_descriptor_type_t = 0;
/// Memory.
pub const MACH_MSG_OOL_DESCRIPTOR: mach_msg_descriptor_type_t = 1;
/// An array of rights in memory.
pub const MACH_MSG_OOL_PORTS_DESCRIPTOR: mach_msg_descriptor_type_t = 2;
/// Memory that its sender may still change.
pub const MACH_MSG_OOL_VOLATILE_DESCRIPTOR: mach_msg_descriptor_type_t = 3;
/// One receive right with its guard.
pub const MACH_MSG_GUARDED_PORT_DESCRIPTOR: mach_msg_descriptor_type_t = 4;
/// The highest descriptor type.
pub const MACH_MSG_DESCRIPTOR_MAX: mach_msg_descriptor_type_t = MACH_MSG_GUARDED_PORT_DESCRIPTOR;

/// The receiver gets a copy.
pub const MACH_MSG_PHYSICAL_COPY: mach_msg_copy_options_t = 0;
/// The receiver gets the pages, copied on write.
pub const MACH_MSG_VIRTUAL_COPY: mach_msg_copy_options_t = 1;
/// Receiving: the memory is allocated anew.
pub const MACH_MSG_ALLOCATE: mach_msg_copy_options_t = 2;
/// Receiving: the memory is overwritten. No longer done.
pub const MACH_MSG_OVERWRITE: mach_msg_copy_options_t = 3;

/// Nothing special.
pub const MACH_MSG_GUARD_FLAGS_NONE: mach_msg_guard_flags_t = 0;
/// The receiver cannot move the right on.
pub const MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE: mach_msg_guard_flags_t = 1;
/// The sender holds the right without a guard.
pub const MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND: mach_msg_guard_flags_t = 2;
/// All flags.
pub const MACH_MSG_GUARD_FLAGS_MASK: mach_msg_guard_flags_t = 3;

/// What all descriptors have in common: the type in byte 11.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_type_descriptor_t {
    /// Differs by type.
    pub pad1: natural_t,
    /// Differs by type.
    pub pad2: mach_msg_size_t,
    /// Differs by type.
    pub pad3: [u8; 3],
    /// The type.
    pub type_: u8,
}

/// One right.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_port_descriptor_t {
    /// The right's name.
    pub name: mach_port_t,
    /// Unused.
    pub pad1: mach_msg_size_t,
    /// Unused.
    pub pad2: u16,
    /// What is done with the right; on arrival which right it is.
    pub disposition: u8,
    /// [`MACH_MSG_PORT_DESCRIPTOR`].
    pub type_: u8,
}

impl mach_msg_port_descriptor_t {
    /// A descriptor of the right `name`, to be sent with `disposition`.
    pub const fn new(name: mach_port_t, disposition: mach_msg_type_name_t) -> Self {
        Self {
            name,
            pad1: 0,
            pad2: 0,
            disposition: disposition as u8,
            type_: MACH_MSG_PORT_DESCRIPTOR as u8,
        }
    }
}

/// Out-of-line memory, in `mach2`'s layout.
///
/// The fields are where C has them, yet the structure is aligned to eight bytes, C's to four. After a header and a
/// count it therefore stands at offset 32 in a Rust structure, where the kernel looks at 28: such a structure has to be
/// `repr(C, packed(4))`, or use [`mach_msg_ool_descriptor64_t`].
#[repr(C)]
#[derive(Copy, Clone, Debug, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_ool_descriptor_t {
    /// Where the memory is.
    pub address: *mut c_void,
    /// Its size in bytes.
    #[cfg(not(target_pointer_width = "64"))]
    pub size: mach_msg_size_t,
    /// Whether the sender loses it; on arrival whether the receiver has to deallocate it.
    pub deallocate: u8,
    /// How it is copied.
    pub copy: u8,
    /// Unused.
    pub pad1: u8,
    /// [`MACH_MSG_OOL_DESCRIPTOR`].
    pub type_: u8,
    /// Its size in bytes.
    #[cfg(target_pointer_width = "64")]
    pub size: mach_msg_size_t,
}

impl mach_msg_ool_descriptor_t {
    /// A descriptor of `size` bytes at `address`.
    pub const fn new(
        address: *mut c_void,
        deallocate: bool,
        copy: mach_msg_copy_options_t,
        size: mach_msg_size_t,
    ) -> Self {
        Self {
            address,
            deallocate: deallocate as u8,
            copy: copy as u8,
            pad1: 0,
            type_: MACH_MSG_OOL_DESCRIPTOR as u8,
            size,
        }
    }
}

/// An array of rights out of line, in `mach2`'s layout.
///
/// What [`mach_msg_ool_descriptor_t`] says of alignment holds here too; the packed form is
/// [`mach_msg_ool_ports_descriptor64_t`].
#[repr(C)]
#[derive(Copy, Clone, Debug, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_ool_ports_descriptor_t {
    /// Where the names are.
    pub address: *mut c_void,
    /// How many names.
    #[cfg(not(target_pointer_width = "64"))]
    pub count: mach_msg_size_t,
    /// Whether the sender loses the memory; on arrival whether the receiver has to deallocate it.
    pub deallocate: u8,
    /// How the memory is copied.
    pub copy: u8,
    /// What is done with every right; on arrival which rights they are.
    pub disposition: u8,
    /// [`MACH_MSG_OOL_PORTS_DESCRIPTOR`].
    pub type_: u8,
    /// How many names.
    #[cfg(target_pointer_width = "64")]
    pub count: mach_msg_size_t,
}

impl mach_msg_ool_ports_descriptor_t {
    /// A descriptor of `count` names at `address`, all sent with `disposition`.
    pub const fn new(
        address: *mut c_void,
        deallocate: bool,
        copy: mach_msg_copy_options_t,
        disposition: mach_msg_type_name_t,
        count: mach_msg_size_t,
    ) -> Self {
        Self {
            address,
            deallocate: deallocate as u8,
            copy: copy as u8,
            disposition: disposition as u8,
            type_: MACH_MSG_OOL_PORTS_DESCRIPTOR as u8,
            count,
        }
    }
}

/// Out-of-line memory as a 64-bit message holds it.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_ool_descriptor64_t {
    /// Where the memory is.
    pub address: u64,
    /// Whether the sender loses it; on arrival whether the receiver has to deallocate it.
    pub deallocate: u8,
    /// How it is copied.
    pub copy: u8,
    /// Unused.
    pub pad1: u8,
    /// [`MACH_MSG_OOL_DESCRIPTOR`].
    pub type_: u8,
    /// Its size in bytes.
    pub size: mach_msg_size_t,
}

/// An array of rights as a 64-bit message holds it.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_ool_ports_descriptor64_t {
    /// Where the names are.
    pub address: u64,
    /// Whether the sender loses the memory; on arrival whether the receiver has to deallocate it.
    pub deallocate: u8,
    /// How the memory is copied.
    pub copy: u8,
    /// What is done with every right; on arrival which rights they are.
    pub disposition: u8,
    /// [`MACH_MSG_OOL_PORTS_DESCRIPTOR`].
    pub type_: u8,
    /// How many names.
    pub count: mach_msg_size_t,
}

/// A guarded receive right as a 64-bit message holds it.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_guarded_port_descriptor64_t {
    /// The guard.
    pub context: mach_port_context_t,
    /// `MACH_MSG_GUARD_FLAGS_` bits.
    pub flags: u16,
    /// [`MACH_MSG_TYPE_MOVE_RECEIVE`](super::MACH_MSG_TYPE_MOVE_RECEIVE).
    pub disposition: u8,
    /// [`MACH_MSG_GUARDED_PORT_DESCRIPTOR`].
    pub type_: u8,
    /// The right's name.
    pub name: mach_port_name_t,
}
/// A guarded receive right.
#[cfg(target_pointer_width = "64")]
pub type mach_msg_guarded_port_descriptor_t = mach_msg_guarded_port_descriptor64_t;

const _: () = {
    assert!(size_of::<mach_msg_type_descriptor_t>() == 12);
    assert!(core::mem::offset_of!(mach_msg_type_descriptor_t, type_) == 11);
    assert!(size_of::<mach_msg_port_descriptor_t>() == 12);
    assert!(core::mem::offset_of!(mach_msg_port_descriptor_t, type_) == 11);
    assert!(size_of::<mach_msg_ool_descriptor_t>() == 16);
    assert!(size_of::<mach_msg_ool_ports_descriptor_t>() == 16);
    assert!(
        size_of::<mach_msg_ool_descriptor64_t>() == 16
            && align_of::<mach_msg_ool_descriptor64_t>() == 4
    );
    assert!(core::mem::offset_of!(mach_msg_ool_descriptor64_t, type_) == 11);
    assert!(core::mem::offset_of!(mach_msg_ool_ports_descriptor64_t, type_) == 11);
    assert!(size_of::<mach_msg_ool_ports_descriptor64_t>() == 16);
    assert!(core::mem::offset_of!(mach_msg_guarded_port_descriptor64_t, type_) == 11);
    assert!(size_of::<mach_msg_guarded_port_descriptor64_t>() == 16);
};
