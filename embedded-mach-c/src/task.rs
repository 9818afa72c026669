//! `mach/task.h`: tasks, and the semaphores that are made in them.

use core::ffi::c_int;

use mach::boolean::boolean_t;
use mach::exception_types::{
    exception_behavior_array_t, exception_behavior_t, exception_flavor_array_t,
    exception_mask_array_t, exception_mask_t,
};
use mach::kern_return::kern_return_t;
use mach::mach_types::{
    exception_handler_array_t, lock_set_t, semaphore_t, task_inspect_t, task_name_t, task_read_t,
    task_t, thread_act_array_t,
};
use mach::mach_voucher_types::{ipc_voucher_t, mach_voucher_selector_t};
use mach::message::mach_msg_type_number_t;
use mach::port::{mach_port_array_t, mach_port_t};
use mach::sync_policy::sync_policy_t;
use mach::task::{task_policy_flavor_t, task_policy_t};
use mach::task_info::{task_exc_guard_behavior_t, task_flavor_t, task_info_t};
use mach::task_inspect::{task_inspect_flavor_t, task_inspect_info_t};
use mach::task_special_ports::task_special_port_t;
use mach::thread_status::thread_state_flavor_t;

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

functions! {
    mach::task:

    fn task_threads(target_task: task_t, act_list: *mut thread_act_array_t, act_list_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn task_terminate(target_task: task_t) -> kern_return_t;
    fn task_suspend(target_task: task_t) -> kern_return_t;
    fn task_resume(target_task: task_t) -> kern_return_t;
    fn task_set_info(target_task: task_t, flavor: task_flavor_t, task_info_in: task_info_t, task_info_in_count: mach_msg_type_number_t) -> kern_return_t;
    fn task_policy_set(task: task_t, flavor: task_policy_flavor_t, policy_info: task_policy_t, policy_info_count: mach_msg_type_number_t) -> kern_return_t;
    fn task_policy_get(task: task_t, flavor: task_policy_flavor_t, policy_info: task_policy_t, policy_info_count: *mut mach_msg_type_number_t, get_default: *mut boolean_t) -> kern_return_t;
    fn task_set_exception_ports(task: task_t, exception_mask: exception_mask_t, new_port: mach_port_t, behavior: exception_behavior_t, new_flavor: thread_state_flavor_t) -> kern_return_t;
    fn task_get_exception_ports(task: task_t, exception_mask: exception_mask_t, masks: exception_mask_array_t, masks_count: *mut mach_msg_type_number_t, old_handlers: exception_handler_array_t, old_behaviors: exception_behavior_array_t, old_flavors: exception_flavor_array_t) -> kern_return_t;
    fn task_swap_exception_ports(task: task_t, exception_mask: exception_mask_t, new_port: mach_port_t, behavior: exception_behavior_t, new_flavor: thread_state_flavor_t, masks: exception_mask_array_t, masks_count: *mut mach_msg_type_number_t, old_handlers: exception_handler_array_t, old_behaviors: exception_behavior_array_t, old_flavors: exception_flavor_array_t) -> kern_return_t;
    fn lock_set_create(task: task_t, new_lock_set: *mut lock_set_t, n_ulocks: c_int, policy: c_int) -> kern_return_t;
    fn lock_set_destroy(task: task_t, lock_set: lock_set_t) -> kern_return_t;
    fn task_get_mach_voucher(task: task_read_t, which: mach_voucher_selector_t, voucher: *mut ipc_voucher_t) -> kern_return_t;
    fn task_set_mach_voucher(task: task_t, voucher: ipc_voucher_t) -> kern_return_t;
    fn task_generate_corpse(task: task_read_t, corpse_task_port: *mut mach_port_t) -> kern_return_t;
    fn task_inspect(task: task_inspect_t, flavor: task_inspect_flavor_t, info_out: task_inspect_info_t, info_out_count: *mut mach_msg_type_number_t) -> kern_return_t;
}
