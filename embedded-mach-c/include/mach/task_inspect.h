/* What can be asked of a task without changing it: not told here. */
#ifndef EMBEDDED_MACH_TASK_INSPECT_H
#define EMBEDDED_MACH_TASK_INSPECT_H

#include <mach/machine/vm_types.h>
#include <stdint.h>

typedef natural_t task_inspect_flavor_t;

#define TASK_INSPECT_BASIC_COUNTS 1

#define TASK_INSPECT_BASIC_COUNTS_COUNT ((mach_msg_type_number_t)(sizeof(struct task_inspect_basic_counts) / sizeof(natural_t)))

struct task_inspect_basic_counts {
	uint64_t instructions;
	uint64_t cycles;
};

typedef struct task_inspect_basic_counts task_inspect_basic_counts_data_t;
typedef struct task_inspect_basic_counts *task_inspect_basic_counts_t;
typedef integer_t *task_inspect_info_t;

#endif
