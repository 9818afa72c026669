/* Exceptions: what <mach/exception_types.h> has. */
#ifndef EMBEDDED_MACH_EXCEPTION_H
#define EMBEDDED_MACH_EXCEPTION_H

#include <mach/exception_types.h>


#endif
