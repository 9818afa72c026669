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

/// What of the kernel's a port stands for.
pub type ipc_info_object_type_t = natural_t;

numbered! {
    ipc_info_object_type_t, "A port's kind:";
    IPC_OTYPE_NONE = 0,
    IPC_OTYPE_THREAD_CONTROL = 1,
    IPC_OTYPE_TASK_CONTROL = 2,
    IPC_OTYPE_HOST = 3,
    IPC_OTYPE_HOST_PRIV = 4,
    IPC_OTYPE_PROCESSOR = 5,
    IPC_OTYPE_PROCESSOR_SET = 6,
    IPC_OTYPE_PROCESSOR_SET_NAME = 7,
    IPC_OTYPE_TIMER = 8,
    IPC_OTYPE_PORT_SUBST_ONCE = 9,
    IPC_OTYPE_MIG = 10,
    IPC_OTYPE_MEMORY_OBJECT = 11,
    IPC_OTYPE_XMM_PAGER = 12,
    IPC_OTYPE_XMM_KERNEL = 13,
    IPC_OTYPE_XMM_REPLY = 14,
    IPC_OTYPE_UND_REPLY = 15,
    IPC_OTYPE_HOST_NOTIFY = 16,
    IPC_OTYPE_HOST_SECURITY = 17,
    IPC_OTYPE_LEDGER = 18,
    IPC_OTYPE_MAIN_DEVICE = 19,
    IPC_OTYPE_TASK_NAME = 20,
    IPC_OTYPE_SUBSYSTEM = 21,
    IPC_OTYPE_IO_DONE_QUEUE = 22,
    IPC_OTYPE_SEMAPHORE = 23,
    IPC_OTYPE_LOCK_SET = 24,
    IPC_OTYPE_CLOCK = 25,
    IPC_OTYPE_CLOCK_CTRL = 26,
    IPC_OTYPE_IOKIT_IDENT = 27,
    IPC_OTYPE_NAMED_ENTRY = 28,
    IPC_OTYPE_IOKIT_CONNECT = 29,
    IPC_OTYPE_IOKIT_OBJECT = 30,
    IPC_OTYPE_UPL = 31,
    IPC_OTYPE_MEM_OBJ_CONTROL = 32,
    IPC_OTYPE_AU_SESSIONPORT = 33,
    IPC_OTYPE_FILEPORT = 34,
    IPC_OTYPE_LABELH = 35,
    IPC_OTYPE_TASK_RESUME = 36,
    IPC_OTYPE_VOUCHER = 37,
    IPC_OTYPE_VOUCHER_ATTR_CONTROL = 38,
    IPC_OTYPE_WORK_INTERVAL = 39,
    IPC_OTYPE_UX_HANDLER = 40,
    IPC_OTYPE_UEXT_OBJECT = 41,
    IPC_OTYPE_ARCADE_REG = 42,
    IPC_OTYPE_EVENTLINK = 43,
    IPC_OTYPE_TASK_INSPECT = 44,
    IPC_OTYPE_TASK_READ = 45,
    IPC_OTYPE_THREAD_INSPECT = 46,
    IPC_OTYPE_THREAD_READ = 47,
    IPC_OTYPE_SUID_CRED = 48,
    IPC_OTYPE_HYPERVISOR = 49,
    IPC_OTYPE_TASK_ID_TOKEN = 50,
    IPC_OTYPE_TASK_FATAL = 51,
    IPC_OTYPE_KCDATA = 52,
    IPC_OTYPE_EXCLAVES_RESOURCE = 53,
    IPC_OTYPE_UNKNOWN = natural_t::MAX,
}

/// A port and who receives on it, as numbers by which to compare. None are told.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct ipc_info_port {
    /// The port.
    pub iip_port_object: natural_t,
    /// The receiver.
    pub iip_receiver_object: natural_t,
}
/// A port and who receives on it.
pub type ipc_info_port_t = ipc_info_port;
/// Several of [`ipc_info_port_t`].
pub type exception_port_info_array_t = *mut ipc_info_port_t;
/// Several of [`ipc_info_port_t`].
pub type exception_handler_info_array_t = *mut ipc_info_port_t;
