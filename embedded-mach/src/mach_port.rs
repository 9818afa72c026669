//! Calls on ports: `mach/mach_port.h`.

pub use crate::calls::attributes::{mach_port_get_attributes, mach_port_set_attributes};
pub use crate::calls::rights::{
    mach_port_allocate, mach_port_construct, mach_port_deallocate, mach_port_destroy,
    mach_port_destruct, mach_port_extract_right, mach_port_insert_right, mach_port_mod_refs,
    mach_port_request_notification,
};
