//! Calls on ports: `mach/mach_port.h`.

pub use super::extra::{
    mach_port_allocate_full, mach_port_allocate_name, mach_port_allocate_qos,
    mach_port_assert_attributes, mach_port_extract_member, mach_port_get_context,
    mach_port_get_refs, mach_port_get_service_port_info, mach_port_get_set_status,
    mach_port_get_srights, mach_port_guard, mach_port_guard_with_flags, mach_port_insert_member,
    mach_port_is_connection_for_service, mach_port_kernel_object, mach_port_kobject,
    mach_port_kobject_description, mach_port_move_member, mach_port_names, mach_port_peek,
    mach_port_rename, mach_port_set_context, mach_port_set_mscount, mach_port_set_seqno,
    mach_port_space_basic_info, mach_port_space_info, mach_port_swap_guard, mach_port_type,
    mach_port_unguard,
};
pub use crate::calls::attributes::{mach_port_get_attributes, mach_port_set_attributes};
pub use crate::calls::rights::{
    mach_port_allocate, mach_port_construct, mach_port_deallocate, mach_port_destroy,
    mach_port_destruct, mach_port_extract_right, mach_port_insert_right, mach_port_mod_refs,
    mach_port_request_notification,
};
