/* Event links: there are none, and each call is KERN_NOT_SUPPORTED. A pair of semaphores does what one does. */
#ifndef EMBEDDED_MACH_MACH_EVENTLINK_H
#define EMBEDDED_MACH_MACH_EVENTLINK_H

#include <mach/mach_eventlink_types.h>
#include <mach/mach_types.h>

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t mach_eventlink_create(task_t task, mach_eventlink_create_option_t option,
    mach_port_t *eventlink_pair);
extern kern_return_t mach_eventlink_destroy(mach_port_t eventlink_port);
extern kern_return_t mach_eventlink_associate(mach_port_t eventlink_port, thread_t thread,
    mach_vm_address_t copyin_addr_wait, uint64_t copyin_mask_wait, mach_vm_address_t copyin_addr_signal,
    uint64_t copyin_mask_signal, mach_eventlink_associate_option_t option);
extern kern_return_t mach_eventlink_disassociate(mach_port_t eventlink_port,
    mach_eventlink_disassociate_option_t option);
extern kern_return_t mach_eventlink_signal(mach_port_t eventlink_port, uint64_t signal_count);
extern kern_return_t mach_eventlink_wait_until(mach_port_t eventlink_port, uint64_t *count_ptr,
    mach_eventlink_signal_wait_option_t option, kern_clock_id_t clock_id, uint64_t deadline);
extern kern_return_t mach_eventlink_signal_wait_until(mach_port_t eventlink_port, uint64_t *count_ptr,
    uint64_t signal_count, mach_eventlink_signal_wait_option_t option, kern_clock_id_t clock_id,
    uint64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
