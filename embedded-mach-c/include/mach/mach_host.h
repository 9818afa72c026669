/* Calls on the host: of them only host_page_size, which <mach/mach_init.h> declares. */
#ifndef EMBEDDED_MACH_MACH_HOST_H
#define EMBEDDED_MACH_MACH_HOST_H

#include <mach/mach_init.h>
#include <mach/mach_types.h>

#endif
