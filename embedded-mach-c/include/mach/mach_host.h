/* Calls on the host. <mach/mach_init.h> declares host_page_size as well. */
#ifndef EMBEDDED_MACH_MACH_HOST_H
#define EMBEDDED_MACH_MACH_HOST_H

#include <mach/clock_types.h>
#include <mach/mach_init.h>
#include <mach/mach_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SYSTEM_CLOCK or CALENDAR_CLOCK. */
extern kern_return_t host_get_clock_service(host_t host, clock_id_t clock_id, clock_serv_t *clock_serv);

#ifdef __cplusplus
}
#endif

#endif
