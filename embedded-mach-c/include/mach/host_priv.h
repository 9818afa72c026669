/* Calls on the host that are for the system's administrator; <mach/mach_host.h> declares those that work. */
#ifndef EMBEDDED_MACH_HOST_PRIV_H
#define EMBEDDED_MACH_HOST_PRIV_H

#include <mach/exception_types.h>
#include <mach/mach_host.h>
#include <mach/mach_types.h>
#include <mach/thread_status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* KERN_NOT_SUPPORTED: there are no exception ports. */
extern kern_return_t host_set_exception_ports(host_priv_t host_priv, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor);
extern kern_return_t host_get_exception_ports(host_priv_t host_priv, exception_mask_t exception_mask,
    exception_mask_array_t masks, mach_msg_type_number_t *masks_count, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);
extern kern_return_t host_swap_exception_ports(host_priv_t host_priv, exception_mask_t exception_mask,
    mach_port_t new_port, exception_behavior_t behavior, thread_state_flavor_t new_flavor,
    exception_mask_array_t masks, mach_msg_type_number_t *masks_count, exception_handler_array_t old_handlers,
    exception_behavior_array_t old_behaviors, exception_flavor_array_t old_flavors);

#ifdef __cplusplus
}
#endif

#endif
