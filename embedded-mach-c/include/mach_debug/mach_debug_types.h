/* Types for looking into name spaces. */
#ifndef EMBEDDED_MACH_DEBUG_MACH_DEBUG_TYPES_H
#define EMBEDDED_MACH_DEBUG_MACH_DEBUG_TYPES_H

#include <mach_debug/ipc_info.h>

typedef char symtab_name_t[32];

#define KOBJECT_DESCRIPTION_LENGTH 512
typedef char kobject_description_t[KOBJECT_DESCRIPTION_LENGTH];

#endif
