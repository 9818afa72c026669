//! `mach/mach_eventlink.h`: event links, of which there are none.

use mach::kern_return::kern_return_t;
use mach::mach_eventlink::{
    kern_clock_id_t, mach_eventlink_associate_option_t, mach_eventlink_create_option_t,
    mach_eventlink_disassociate_option_t, mach_eventlink_signal_wait_option_t,
};
use mach::mach_types::{task_t, thread_t};
use mach::port::mach_port_t;
use mach::vm_types::mach_vm_address_t;

functions! {
    mach::mach_eventlink:

    fn mach_eventlink_create(task: task_t, option: mach_eventlink_create_option_t, eventlink_pair: *mut mach_port_t) -> kern_return_t;
    fn mach_eventlink_destroy(eventlink_port: mach_port_t) -> kern_return_t;
    fn mach_eventlink_associate(eventlink_port: mach_port_t, thread: thread_t, copyin_addr_wait: mach_vm_address_t, copyin_mask_wait: u64, copyin_addr_signal: mach_vm_address_t, copyin_mask_signal: u64, option: mach_eventlink_associate_option_t) -> kern_return_t;
    fn mach_eventlink_disassociate(eventlink_port: mach_port_t, option: mach_eventlink_disassociate_option_t) -> kern_return_t;
    fn mach_eventlink_signal(eventlink_port: mach_port_t, signal_count: u64) -> kern_return_t;
    fn mach_eventlink_wait_until(eventlink_port: mach_port_t, count_ptr: *mut u64, option: mach_eventlink_signal_wait_option_t, clock_id: kern_clock_id_t, deadline: u64) -> kern_return_t;
    fn mach_eventlink_signal_wait_until(eventlink_port: mach_port_t, count_ptr: *mut u64, signal_count: u64, option: mach_eventlink_signal_wait_option_t, clock_id: kern_clock_id_t, deadline: u64) -> kern_return_t;
}
