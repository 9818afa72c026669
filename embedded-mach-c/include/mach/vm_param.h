/* The size of a page, as constants are written. */
#ifndef EMBEDDED_MACH_VM_PARAM_H
#define EMBEDDED_MACH_VM_PARAM_H

#include <mach/vm_page_size.h>

#endif
