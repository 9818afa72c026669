#ifndef _MACH_PORT_TYPES_H_
#define _MACH_PORT_TYPES_H_

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/port.h>

typedef uint32_t *mach_port_uint32_ool_t;

#endif /* _MACH_PORT_TYPES_H_ */
