/* Ports that every host has: those of the kernel. */
#ifndef EMBEDDED_MACH_HOST_SPECIAL_PORTS_H
#define EMBEDDED_MACH_HOST_SPECIAL_PORTS_H

#include <mach/mach_host.h>

#define HOST_PORT 1
#define HOST_PRIV_PORT 2
#define HOST_IO_MAIN_PORT 3
#define HOST_MAX_SPECIAL_KERNEL_PORT 7
#define HOST_MAX_SPECIAL_PORT (28 + HOST_MAX_SPECIAL_KERNEL_PORT)
#define HOST_LOCAL_NODE -1

#define host_get_host_port(host, port) \
    (host_get_special_port((host), HOST_LOCAL_NODE, HOST_PORT, (port)))
#define host_get_host_priv_port(host, port) \
    (host_get_special_port((host), HOST_LOCAL_NODE, HOST_PRIV_PORT, (port)))

#endif
