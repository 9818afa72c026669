/* Ports that every thread has. */
#ifndef EMBEDDED_MACH_THREAD_SPECIAL_PORTS_H
#define EMBEDDED_MACH_THREAD_SPECIAL_PORTS_H

#include <mach/machine/vm_types.h>

#define THREAD_KERNEL_PORT 1
#define THREAD_INSPECT_PORT 2
#define THREAD_READ_PORT 3
#define THREAD_MAX_SPECIAL_PORT THREAD_READ_PORT

#endif
