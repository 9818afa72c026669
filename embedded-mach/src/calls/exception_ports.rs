//! Exception ports of threads and of the host, beside those that `mach2` declares. There are none: every call is
//! `KERN_NOT_SUPPORTED`, and writes nothing.

use crate::headers::exception_types::{
    exception_behavior_array_t, exception_behavior_t, exception_flavor_array_t,
    exception_mask_array_t, exception_mask_t,
};
use crate::headers::kern_return::{KERN_NOT_SUPPORTED, kern_return_t};
use crate::headers::mach_types::{exception_handler_array_t, host_priv_t, thread_port_t};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::mach_port_t;
use crate::headers::thread_status::thread_state_flavor_t;

/// `KERN_NOT_SUPPORTED`: there are no exception ports.
pub unsafe extern "C" fn thread_get_exception_ports(
    _thread: thread_port_t,
    _exception_mask: exception_mask_t,
    _masks: exception_mask_array_t,
    _masks_count: *mut mach_msg_type_number_t,
    _old_handlers: exception_handler_array_t,
    _old_behaviors: exception_behavior_array_t,
    _old_flavors: exception_flavor_array_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no exception ports.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn thread_swap_exception_ports(
    _thread: thread_port_t,
    _exception_mask: exception_mask_t,
    _new_port: mach_port_t,
    _behavior: exception_behavior_t,
    _new_flavor: thread_state_flavor_t,
    _masks: exception_mask_array_t,
    _masks_count: *mut mach_msg_type_number_t,
    _old_handlers: exception_handler_array_t,
    _old_behaviors: exception_behavior_array_t,
    _old_flavors: exception_flavor_array_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no exception ports.
pub unsafe extern "C" fn host_set_exception_ports(
    _host_priv: host_priv_t,
    _exception_mask: exception_mask_t,
    _new_port: mach_port_t,
    _behavior: exception_behavior_t,
    _new_flavor: thread_state_flavor_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no exception ports.
pub unsafe extern "C" fn host_get_exception_ports(
    _host_priv: host_priv_t,
    _exception_mask: exception_mask_t,
    _masks: exception_mask_array_t,
    _masks_count: *mut mach_msg_type_number_t,
    _old_handlers: exception_handler_array_t,
    _old_behaviors: exception_behavior_array_t,
    _old_flavors: exception_flavor_array_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no exception ports.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn host_swap_exception_ports(
    _host_priv: host_priv_t,
    _exception_mask: exception_mask_t,
    _new_port: mach_port_t,
    _behavior: exception_behavior_t,
    _new_flavor: thread_state_flavor_t,
    _masks: exception_mask_array_t,
    _masks_count: *mut mach_msg_type_number_t,
    _old_handlers: exception_handler_array_t,
    _old_behaviors: exception_behavior_array_t,
    _old_flavors: exception_flavor_array_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}
