/* File descriptors as ports, so that messages can carry them. */
#ifndef EMBEDDED_MACH_SYS_FILEPORT_H
#define EMBEDDED_MACH_SYS_FILEPORT_H

#include <mach/port.h>

typedef mach_port_t fileport_t;
#define FILEPORT_NULL ((fileport_t)0)

#ifdef __cplusplus
extern "C" {
#endif

extern int fileport_makeport(int fd, fileport_t *port);
extern int fileport_makefd(fileport_t port);

#ifdef __cplusplus
}
#endif

#endif
