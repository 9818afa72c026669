/* Calls on a task. */
#ifndef EMBEDDED_MACH_TASK_H
#define EMBEDDED_MACH_TASK_H

#include <mach/mach_voucher_types.h>
#include <mach/mig_user.h>
#include <mach/task_inspect.h>
#include <mach/thread_status.h>

typedef natural_t task_policy_flavor_t;
typedef integer_t *task_policy_t;

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t task_info(task_name_t target_task, task_flavor_t flavor, task_info_t task_info_out,
    mach_msg_type_number_t *task_info_outCnt);
extern kern_return_t task_get_special_port(task_inspect_t task, int which_port, mach_port_t *special_port);
extern kern_return_t task_set_special_port(task_t task, int which_port, mach_port_t special_port);

/* Kept, without effect. */
extern kern_return_t task_get_exc_guard_behavior(task_inspect_t task, task_exc_guard_behavior_t *behavior);
extern kern_return_t task_set_exc_guard_behavior(task_t task, task_exc_guard_behavior_t behavior);

/* Up to three ports that children inherit. As task_set_special_port it changes the environment. */
extern kern_return_t mach_ports_register(task_t target_task, mach_port_array_t init_port_set,
    mach_msg_type_number_t init_port_setCnt);
extern kern_return_t mach_ports_lookup(task_t target_task, mach_port_array_t *init_port_set,
    mach_msg_type_number_t *init_port_setCnt);

extern kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value);
extern kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore);

/* The threads of this task, the library's included. */
extern kern_return_t task_threads(task_t target_task, thread_act_array_t *act_list,
    mach_msg_type_number_t *act_list_count);

/* KERN_NOT_SUPPORTED. */
extern kern_return_t task_terminate(task_t target_task);
extern kern_return_t task_suspend(task_t target_task);
extern kern_return_t task_resume(task_t target_task);
extern kern_return_t task_set_info(task_t target_task, task_flavor_t flavor, task_info_t task_info_in,
    mach_msg_type_number_t task_info_inCnt);
extern kern_return_t task_policy_set(task_t task, task_policy_flavor_t flavor, task_policy_t policy_info,
    mach_msg_type_number_t policy_infoCnt);
extern kern_return_t task_policy_get(task_t task, task_policy_flavor_t flavor, task_policy_t policy_info,
    mach_msg_type_number_t *policy_infoCnt, boolean_t *get_default);
extern kern_return_t task_set_exception_ports(task_t task, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor);
extern kern_return_t task_get_exception_ports(task_t task, exception_mask_t exception_mask,
    exception_mask_array_t masks, mach_msg_type_number_t *masksCnt, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);
extern kern_return_t task_swap_exception_ports(task_t task, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor,
    exception_mask_array_t masks, mach_msg_type_number_t *masksCnt, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);
extern kern_return_t lock_set_create(task_t task, lock_set_t *new_lock_set, int n_ulocks, int policy);
extern kern_return_t lock_set_destroy(task_t task, lock_set_t lock_set);
extern kern_return_t task_get_mach_voucher(task_read_t task, mach_voucher_selector_t which, ipc_voucher_t *voucher);
extern kern_return_t task_set_mach_voucher(task_t task, ipc_voucher_t voucher);
extern kern_return_t task_generate_corpse(task_read_t task, mach_port_t *corpse_task_port);
extern kern_return_t task_inspect(task_inspect_t task, task_inspect_flavor_t flavor,
    task_inspect_info_t info_out, mach_msg_type_number_t *info_outCnt);

#ifdef __cplusplus
}
#endif

#endif
