/* All calls on tasks and their memory. */
#ifndef EMBEDDED_MACH_MACH_INTERFACE_H
#define EMBEDDED_MACH_MACH_INTERFACE_H

#include <mach/clock_priv.h>
#include <mach/semaphore.h>
#include <mach/task.h>
#include <mach/thread_act.h>
#include <mach/vm_map.h>

#endif
