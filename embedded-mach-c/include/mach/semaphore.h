/* Counting semaphores that can be passed in messages. They are made and destroyed by <mach/task.h>. */
#ifndef EMBEDDED_MACH_SEMAPHORE_H
#define EMBEDDED_MACH_SEMAPHORE_H

#include <mach/mach_types.h>
#include <mach/port.h>
#include <mach/sync_policy.h>
#include <mach/task.h>

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t semaphore_signal(semaphore_t semaphore);
extern kern_return_t semaphore_signal_all(semaphore_t semaphore);
extern kern_return_t semaphore_wait(semaphore_t semaphore);
extern kern_return_t semaphore_timedwait(semaphore_t semaphore, mach_timespec_t wait_time);
extern kern_return_t semaphore_timedwait_signal(semaphore_t wait_semaphore, semaphore_t signal_semaphore,
    mach_timespec_t wait_time);
extern kern_return_t semaphore_wait_signal(semaphore_t wait_semaphore, semaphore_t signal_semaphore);
extern kern_return_t semaphore_signal_thread(semaphore_t semaphore, thread_t thread);

#ifdef __cplusplus
}
#endif

#endif
