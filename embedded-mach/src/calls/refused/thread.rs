//! Calls on threads that Linux cannot give: `mach/thread_act.h`, `mach/thread_state.h`, traps.

use crate::headers::exception_types::{exception_behavior_t, exception_mask_t};
use crate::headers::kern_return::{KERN_NOT_SUPPORTED, kern_return_t};
use crate::headers::mach_types::{thread_act_t, thread_port_t, thread_read_t, thread_t};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::mach_port_t;
use crate::headers::thread_status::{thread_state_flavor_t, thread_state_t};

refused! {
    "a thread can be neither stopped, changed nor looked into."; KERN_NOT_SUPPORTED;
    fn thread_get_state(target_act: thread_act_t, flavor: thread_state_flavor_t, old_state: thread_state_t, old_state_count: *mut mach_msg_type_number_t);
    fn thread_set_state(target_act: thread_port_t, flavor: thread_state_flavor_t, new_state: thread_state_t, new_stateCnt: mach_msg_type_number_t);
    fn thread_suspend(target_act: thread_act_t);
    fn thread_resume(target_act: thread_act_t);
    fn thread_suspend2(target_act: thread_read_t, suspend_token: *mut mach_port_t);
    fn thread_resume2(suspend_token: mach_port_t);
}

refused! {
    "there are no exception ports."; KERN_NOT_SUPPORTED;
    fn thread_set_exception_ports(thread: thread_port_t, exception_mask: exception_mask_t, new_port: mach_port_t, behavior: exception_behavior_t, new_flavor: thread_state_flavor_t);
}

refused! {
    "a thread can be neither stopped, changed nor looked into."; KERN_NOT_SUPPORTED;
    fn thread_get_register_pointer_values(thread: thread_t, sp: *mut usize, length: *mut usize, values: *mut usize);
}

refused! {
    "programs for another processor are not translated."; KERN_NOT_SUPPORTED;
    fn thread_set_x86_64_compat(enable: u32);
}
