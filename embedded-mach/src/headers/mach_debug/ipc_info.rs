//! What `mach_port_space_info` tells of a name space: `mach_debug/ipc_info.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::port::{mach_port_name_t, mach_port_type_t, mach_port_urefs_t};
use crate::headers::vm_types::{integer_t, natural_t};

/// A name space.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct ipc_info_space {
    /// The bits of a name that are its generation.
    pub iis_genno_mask: natural_t,
    /// Names there is room for.
    pub iis_table_size: natural_t,
    /// Unused.
    pub iis_table_next: natural_t,
    /// Unused.
    pub iis_tree_size: natural_t,
    /// Unused.
    pub iis_tree_small: natural_t,
    /// Unused.
    pub iis_tree_hash: natural_t,
}
/// A name space.
pub type ipc_info_space_t = ipc_info_space;

/// A name space, in short.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct ipc_info_space_basic {
    /// The bits of a name that are its generation.
    pub iisb_genno_mask: natural_t,
    /// Names there is room for.
    pub iisb_table_size: natural_t,
    /// Unused.
    pub iisb_table_next: natural_t,
    /// Names that denote something.
    pub iisb_table_inuse: natural_t,
    /// Unused.
    pub iisb_reserved: [natural_t; 2],
}
/// A name space, in short.
pub type ipc_info_space_basic_t = ipc_info_space_basic;

/// A name.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct ipc_info_name {
    /// The name itself.
    pub iin_name: mach_port_name_t,
    /// Unused.
    pub iin_collision: integer_t,
    /// Its rights.
    pub iin_type: mach_port_type_t,
    /// Its user references.
    pub iin_urefs: mach_port_urefs_t,
    /// The port, as an opaque number; the same for names of one port.
    pub iin_object: natural_t,
    /// Its notification request.
    pub iin_next: natural_t,
    /// Unused.
    pub iin_hash: natural_t,
}
/// A name.
pub type ipc_info_name_t = ipc_info_name;
/// Several names.
pub type ipc_info_name_array_t = *mut ipc_info_name_t;

/// A name in a tree. No name space has one any more.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct ipc_info_tree_name {
    /// The name.
    pub iitn_name: ipc_info_name_t,
    /// Names below it.
    pub iitn_lchild: mach_port_name_t,
    /// Names above it.
    pub iitn_rchild: mach_port_name_t,
}
/// A name in a tree.
pub type ipc_info_tree_name_t = ipc_info_tree_name;
/// Several names of a tree.
pub type ipc_info_tree_name_array_t = *mut ipc_info_tree_name_t;

const _: () = {
    assert!(size_of::<ipc_info_space>() == 24 && size_of::<ipc_info_space_basic>() == 24);
    assert!(size_of::<ipc_info_name>() == 28 && size_of::<ipc_info_tree_name>() == 36);
};
