//! `mach/task.h`: tasks, and the semaphores that are made in them.

use core::ffi::c_int;

use mach::kern_return::kern_return_t;
use mach::mach_types::{semaphore_t, task_name_t, task_t};
use mach::message::mach_msg_type_number_t;
use mach::port::{mach_port_array_t, mach_port_t};
use mach::sync_policy::sync_policy_t;
use mach::task_info::{task_exc_guard_behavior_t, task_flavor_t, task_info_t};
use mach::task_special_ports::task_special_port_t;

functions! {
    mach::task:

    fn task_info(
        target_task: task_name_t,
        flavor: task_flavor_t,
        task_info_out: task_info_t,
        task_info_out_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn task_get_special_port(
        task: task_t,
        which: task_special_port_t,
        port: *mut mach_port_t,
    ) -> kern_return_t;
    fn task_set_special_port(
        task: task_t,
        which: task_special_port_t,
        port: mach_port_t,
    ) -> kern_return_t;
    fn task_get_exc_guard_behavior(
        task: task_t,
        behavior: *mut task_exc_guard_behavior_t,
    ) -> kern_return_t;
    fn task_set_exc_guard_behavior(
        task: task_t,
        behavior: task_exc_guard_behavior_t,
    ) -> kern_return_t;
    fn mach_ports_register(
        target_task: task_t,
        init_port_set: mach_port_array_t,
        init_port_set_count: mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_ports_lookup(
        target_task: task_t,
        init_port_set: *mut mach_port_array_t,
        init_port_set_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
}

functions! {
    mach::semaphore:

    fn semaphore_create(
        task: task_t,
        semaphore: *mut semaphore_t,
        policy: sync_policy_t,
        value: c_int,
    ) -> kern_return_t;
    fn semaphore_destroy(task: task_t, semaphore: semaphore_t) -> kern_return_t;
}
