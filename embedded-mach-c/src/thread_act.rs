//! `mach/thread_act.h`: threads.

use mach::boolean::boolean_t;
use mach::exception_types::{
    exception_behavior_array_t, exception_behavior_t, exception_flavor_array_t,
    exception_mask_array_t, exception_mask_t,
};
use mach::kern_return::kern_return_t;
use mach::mach_types::{exception_handler_array_t, thread_act_t, thread_port_t, thread_t};
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::thread_info::{thread_flavor_t, thread_info_t};
use mach::thread_policy::{thread_policy_flavor_t, thread_policy_t};
use mach::thread_status::{thread_state_flavor_t, thread_state_t};

functions! {
    mach::thread_info:

    fn thread_info(target_act: thread_act_t, flavor: thread_flavor_t, thread_info_out: thread_info_t, thread_info_out_count: *mut mach_msg_type_number_t) -> kern_return_t;
}

functions! {
    mach::thread_policy:

    fn thread_policy_set(thread: thread_t, flavor: thread_policy_flavor_t, policy_info: thread_policy_t, count: mach_msg_type_number_t) -> kern_return_t;
    fn thread_policy_get(thread: thread_t, flavor: thread_policy_flavor_t, policy_info: thread_policy_t, count: *mut mach_msg_type_number_t, get_default: *mut boolean_t) -> kern_return_t;
}

functions! {
    mach::thread_act:

    fn thread_get_state(target_act: thread_act_t, flavor: thread_state_flavor_t, old_state: thread_state_t, old_state_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn thread_set_state(target_act: thread_port_t, flavor: thread_state_flavor_t, new_state: thread_state_t, new_state_count: mach_msg_type_number_t) -> kern_return_t;
    fn thread_suspend(target_act: thread_act_t) -> kern_return_t;
    fn thread_resume(target_act: thread_act_t) -> kern_return_t;
    fn thread_set_exception_ports(thread: thread_port_t, exception_mask: exception_mask_t, new_port: mach_port_t, behavior: exception_behavior_t, new_flavor: thread_state_flavor_t) -> kern_return_t;
}

functions! {
    mach::extra:

    fn thread_get_exception_ports(thread: thread_port_t, exception_mask: exception_mask_t, masks: exception_mask_array_t, masks_count: *mut mach_msg_type_number_t, old_handlers: exception_handler_array_t, old_behaviors: exception_behavior_array_t, old_flavors: exception_flavor_array_t) -> kern_return_t;
    fn thread_swap_exception_ports(thread: thread_port_t, exception_mask: exception_mask_t, new_port: mach_port_t, behavior: exception_behavior_t, new_flavor: thread_state_flavor_t, masks: exception_mask_array_t, masks_count: *mut mach_msg_type_number_t, old_handlers: exception_handler_array_t, old_behaviors: exception_behavior_array_t, old_flavors: exception_flavor_array_t) -> kern_return_t;
}
