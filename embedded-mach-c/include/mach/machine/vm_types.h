/* Integers, addresses and sizes. */
#ifndef EMBEDDED_MACH_MACHINE_VM_TYPES_H
#define EMBEDDED_MACH_MACHINE_VM_TYPES_H

#include <stdint.h>

typedef unsigned int natural_t;
typedef int integer_t;

/* Of pointer size. */
typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_size_t;

/* Of 64 bits on every machine. */
typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;
typedef uint64_t vm_map_offset_t;
typedef uint64_t vm_map_address_t;
typedef uint64_t vm_map_size_t;

/* What a receive right carries for its holder: a context, or the guard. */
typedef mach_vm_offset_t mach_port_context_t;
typedef mach_port_context_t *mach_port_context_array_t;

#endif
