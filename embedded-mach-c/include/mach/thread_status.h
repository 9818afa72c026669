/* Forms of a thread's registers. No call here reads or writes them. */
#ifndef EMBEDDED_MACH_THREAD_STATUS_H
#define EMBEDDED_MACH_THREAD_STATUS_H

#include <mach/machine/vm_types.h>

typedef natural_t *thread_state_t;
typedef int thread_state_flavor_t;
typedef thread_state_flavor_t *thread_state_flavor_array_t;

#define THREAD_STATE_MAX 1296

#endif
