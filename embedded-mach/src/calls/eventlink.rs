//! `mach_eventlink_*`: two threads that wake each other. There are none here: every call is `KERN_NOT_SUPPORTED`, and writes
//! nothing. A pair of semaphores does the same, by two calls instead of one.

use crate::headers::kern_return::{KERN_NOT_SUPPORTED, kern_return_t};
use crate::headers::mach_eventlink_types::{
    kern_clock_id_t, mach_eventlink_associate_option_t, mach_eventlink_create_option_t,
    mach_eventlink_disassociate_option_t, mach_eventlink_signal_wait_option_t,
};
use crate::headers::mach_types::{task_t, thread_t};
use crate::headers::port::mach_port_t;
use crate::headers::vm_types::mach_vm_address_t;

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_create(
    _task: task_t,
    _option: mach_eventlink_create_option_t,
    _eventlink_pair: *mut mach_port_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_destroy(_eventlink_port: mach_port_t) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_associate(
    _eventlink_port: mach_port_t,
    _thread: thread_t,
    _copyin_addr_wait: mach_vm_address_t,
    _copyin_mask_wait: u64,
    _copyin_addr_signal: mach_vm_address_t,
    _copyin_mask_signal: u64,
    _option: mach_eventlink_associate_option_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_disassociate(
    _eventlink_port: mach_port_t,
    _option: mach_eventlink_disassociate_option_t,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_signal(
    _eventlink_port: mach_port_t,
    _signal_count: u64,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_wait_until(
    _eventlink_port: mach_port_t,
    _count_ptr: *mut u64,
    _option: mach_eventlink_signal_wait_option_t,
    _clock_id: kern_clock_id_t,
    _deadline: u64,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}

/// `KERN_NOT_SUPPORTED`: there are no event links.
pub unsafe extern "C" fn mach_eventlink_signal_wait_until(
    _eventlink_port: mach_port_t,
    _count_ptr: *mut u64,
    _signal_count: u64,
    _option: mach_eventlink_signal_wait_option_t,
    _clock_id: kern_clock_id_t,
    _deadline: u64,
) -> kern_return_t {
    KERN_NOT_SUPPORTED
}
