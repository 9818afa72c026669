/* Since which macOS something is there, in the older way: always, here. */
#ifndef EMBEDDED_MACH_AVAILABILITY_MACROS_H
#define EMBEDDED_MACH_AVAILABILITY_MACROS_H

#include <Availability.h>

#define DEPRECATED_ATTRIBUTE
#define UNAVAILABLE_ATTRIBUTE
#define WEAK_IMPORT_ATTRIBUTE

#endif
