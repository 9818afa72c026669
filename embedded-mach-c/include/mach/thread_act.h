/* Calls on threads. Those that stop, change or look into one are KERN_NOT_SUPPORTED. */
#ifndef EMBEDDED_MACH_THREAD_ACT_H
#define EMBEDDED_MACH_THREAD_ACT_H

#include <mach/mach_types.h>
#include <mach/thread_info.h>
#include <mach/thread_policy.h>
#include <mach/thread_status.h>

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t thread_info(thread_act_t target_act, thread_flavor_t flavor,
    thread_info_t thread_info_out, mach_msg_type_number_t *thread_info_out_count);

/* KERN_NOT_SUPPORTED. */
extern kern_return_t thread_get_state(thread_act_t target_act, thread_state_flavor_t flavor,
    thread_state_t old_state, mach_msg_type_number_t *old_state_count);
extern kern_return_t thread_set_state(thread_port_t target_act, thread_state_flavor_t flavor,
    thread_state_t new_state, mach_msg_type_number_t new_stateCnt);
extern kern_return_t thread_suspend(thread_act_t target_act);
extern kern_return_t thread_resume(thread_act_t target_act);
extern kern_return_t thread_set_exception_ports(thread_port_t thread, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor);

extern kern_return_t thread_get_exception_ports(thread_port_t thread, exception_mask_t exception_mask,
    exception_mask_array_t masks, mach_msg_type_number_t *masks_count, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);
extern kern_return_t thread_swap_exception_ports(thread_port_t thread, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor,
    exception_mask_array_t masks, mach_msg_type_number_t *masks_count, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);

#ifdef __cplusplus
}
#endif

#endif
