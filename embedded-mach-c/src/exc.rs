//! `mach/exc.h`: telling of exceptions.

use core::ffi::c_int;

use mach::exception_types::{exception_data_t, exception_type_t};
use mach::kern_return::kern_return_t;
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::thread_status::thread_state_t;

functions! {
    mach::exc:

    fn exception_raise(exception_port: mach_port_t, thread: mach_port_t, task: mach_port_t, exception: exception_type_t, code: exception_data_t, code_count: mach_msg_type_number_t) -> kern_return_t;
    fn exception_raise_state(exception_port: mach_port_t, exception: exception_type_t, code: exception_data_t, code_count: mach_msg_type_number_t, flavor: *mut c_int, old_state: thread_state_t, old_state_count: mach_msg_type_number_t, new_state: thread_state_t, new_state_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn exception_raise_state_identity(exception_port: mach_port_t, thread: mach_port_t, task: mach_port_t, exception: exception_type_t, code: exception_data_t, code_count: mach_msg_type_number_t, flavor: *mut c_int, old_state: thread_state_t, old_state_count: mach_msg_type_number_t, new_state: thread_state_t, new_state_count: *mut mach_msg_type_number_t) -> kern_return_t;
}
