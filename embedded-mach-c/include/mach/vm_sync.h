/* How memory is written back. */
#ifndef EMBEDDED_MACH_VM_SYNC_H
#define EMBEDDED_MACH_VM_SYNC_H

#include <mach/machine/vm_types.h>

typedef unsigned int vm_sync_t;

#define VM_SYNC_ASYNCHRONOUS 1
#define VM_SYNC_SYNCHRONOUS (1 << 1)
#define VM_SYNC_INVALIDATE (1 << 2)
#define VM_SYNC_KILLPAGES (1 << 3)
#define VM_SYNC_DEACTIVATE (1 << 4)
#define VM_SYNC_CONTIGUOUS (1 << 5)
#define VM_SYNC_REUSABLEPAGES (1 << 6)

#endif
