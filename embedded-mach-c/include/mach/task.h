/* Calls on a task. */
#ifndef EMBEDDED_MACH_TASK_H
#define EMBEDDED_MACH_TASK_H

#include <mach/mig_user.h>

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

#ifdef __cplusplus
}
#endif

#endif
