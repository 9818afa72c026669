/* The calls that need no port to begin with. */
#ifndef EMBEDDED_MACH_MACH_TRAPS_H
#define EMBEDDED_MACH_MACH_TRAPS_H

#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <mach/port.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern mach_port_name_t mach_reply_port(void);
extern mach_port_name_t thread_get_special_reply_port(void);
extern mach_port_name_t thread_self_trap(void);
extern mach_port_name_t host_self_trap(void);
extern mach_port_name_t task_self_trap(void);

extern kern_return_t mach_timebase_info_trap(mach_timebase_info_t info);

/* clock_sleep of <mach/mach.h>, with the time in two parts. */
extern kern_return_t clock_sleep_trap(mach_port_name_t clock_name, sleep_type_t sleep_type, int sleep_sec, int sleep_nsec,
    mach_timespec_t *wakeup_time);

/* Of the calling process only. */
extern kern_return_t task_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *t);
extern kern_return_t task_name_for_pid(mach_port_name_t target_tport, int pid, mach_port_name_t *tn);
extern kern_return_t pid_for_task(mach_port_name_t t, int *x);

#ifdef __cplusplus
}
#endif

#endif
