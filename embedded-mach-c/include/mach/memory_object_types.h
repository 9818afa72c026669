/* Offsets and sizes in memory objects. */
#ifndef EMBEDDED_MACH_MEMORY_OBJECT_TYPES_H
#define EMBEDDED_MACH_MEMORY_OBJECT_TYPES_H

#include <mach/machine/vm_types.h>
#include <mach/port.h>

typedef unsigned long long memory_object_offset_t;
typedef unsigned long long memory_object_size_t;
typedef natural_t memory_object_cluster_size_t;
typedef natural_t *memory_object_fault_info_t;
typedef unsigned long long vm_object_id_t;
typedef mach_port_t memory_object_t;
typedef mach_port_t memory_object_control_t;
typedef mach_port_t memory_object_name_t;

#define MEMORY_OBJECT_NULL ((memory_object_t)0)

/* Beside the protection, in the permission argument of mach_make_memory_entry_64. */
#define MAP_MEM_ONLY 0x010000
#define MAP_MEM_NAMED_CREATE 0x020000
#define MAP_MEM_PURGABLE 0x040000
#define MAP_MEM_NAMED_REUSE 0x080000
#define MAP_MEM_USE_DATA_ADDR 0x100000
#define MAP_MEM_VM_COPY 0x200000
#define MAP_MEM_VM_SHARE 0x400000
#define MAP_MEM_4K_DATA_ADDR 0x800000

#endif
