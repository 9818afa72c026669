//! Telling of exceptions, which are told to nobody: `mach/exc.h`.

use core::ffi::c_int;

use crate::headers::exception_types::{exception_data_t, exception_type_t};
use crate::headers::kern_return::{KERN_NOT_SUPPORTED, kern_return_t};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::mach_port_t;
use crate::headers::thread_status::thread_state_t;

refused! {
    "there are no exception ports."; KERN_NOT_SUPPORTED;
    fn exception_raise(exception_port: mach_port_t, thread: mach_port_t, task: mach_port_t, exception: exception_type_t, code: exception_data_t, codeCnt: mach_msg_type_number_t);
    fn exception_raise_state(exception_port: mach_port_t, exception: exception_type_t, code: exception_data_t, codeCnt: mach_msg_type_number_t, flavor: *mut c_int, old_state: thread_state_t, old_stateCnt: mach_msg_type_number_t, new_state: thread_state_t, new_stateCnt: *mut mach_msg_type_number_t);
    fn exception_raise_state_identity(exception_port: mach_port_t, thread: mach_port_t, task: mach_port_t, exception: exception_type_t, code: exception_data_t, codeCnt: mach_msg_type_number_t, flavor: *mut c_int, old_state: thread_state_t, old_stateCnt: mach_msg_type_number_t, new_state: thread_state_t, new_stateCnt: *mut mach_msg_type_number_t);
}
