/* The ports and numbers a program starts with. */
#ifndef EMBEDDED_MACH_MACH_INIT_H
#define EMBEDDED_MACH_MACH_INIT_H

#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/vm_page_size.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One's own task. No reference is made: it is not to be deallocated. */
extern mach_port_t mach_task_self_;
extern mach_port_t mach_task_self(void);
#define mach_task_self() mach_task_self_
#define current_task() mach_task_self()

/* Whether a port is one's own task, for whatever it is good. */
extern boolean_t mach_task_is_self(task_name_t task);

/* Each call makes a reference, to be deallocated. */
extern mach_port_t mach_thread_self(void);
extern mach_port_t mach_host_self(void);

extern kern_return_t host_page_size(host_t host, vm_size_t *out_page_size);

/* Where names are looked up; children inherit it. */
extern mach_port_t bootstrap_port;

#define NAME_SERVER_SLOT 0
#define ENVIRONMENT_SLOT 1
#define SERVICE_SLOT 2
#define MACH_PORTS_SLOTS_USED 3

#ifdef __cplusplus
}
#endif

#endif
