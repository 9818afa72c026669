/* The types that all interfaces use. */
#ifndef EMBEDDED_MACH_STD_TYPES_H
#define EMBEDDED_MACH_STD_TYPES_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <stdint.h>

#endif
