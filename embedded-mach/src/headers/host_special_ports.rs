//! Ports that every host has: `mach/host_special_ports.h`. There are those of the kernel.

use core::ffi::c_int;

numbered! {
    c_int, "A host's port:";
    HOST_PORT = 1,
    HOST_PRIV_PORT = 2,
    HOST_IO_MAIN_PORT = 3,
    HOST_MAX_SPECIAL_KERNEL_PORT = 7,
    HOST_MAX_SPECIAL_PORT = 28 + HOST_MAX_SPECIAL_KERNEL_PORT,
}

/// The node that there is.
pub const HOST_LOCAL_NODE: c_int = -1;
