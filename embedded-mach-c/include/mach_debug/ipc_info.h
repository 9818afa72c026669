/* What mach_port_space_info tells of a name space. */
#ifndef EMBEDDED_MACH_DEBUG_IPC_INFO_H
#define EMBEDDED_MACH_DEBUG_IPC_INFO_H

#include <mach/boolean.h>
#include <mach/machine/vm_types.h>
#include <mach/port.h>

typedef struct ipc_info_space {
	natural_t iis_genno_mask; /* the bits of a name that are its generation */
	natural_t iis_table_size; /* names there is room for */
	natural_t iis_table_next; /* unused, like what follows */
	natural_t iis_tree_size;
	natural_t iis_tree_small;
	natural_t iis_tree_hash;
} ipc_info_space_t;

typedef struct ipc_info_space_basic {
	natural_t iisb_genno_mask;
	natural_t iisb_table_size;
	natural_t iisb_table_next;
	natural_t iisb_table_inuse; /* names that denote something */
	natural_t iisb_reserved[2];
} ipc_info_space_basic_t;

typedef struct ipc_info_name {
	mach_port_name_t iin_name;
	integer_t iin_collision;
	mach_port_type_t iin_type;
	mach_port_urefs_t iin_urefs;
	natural_t iin_object;
	natural_t iin_next;
	natural_t iin_hash;
} ipc_info_name_t;
typedef ipc_info_name_t *ipc_info_name_array_t;

typedef struct ipc_info_tree_name {
	ipc_info_name_t iitn_name;
	mach_port_name_t iitn_lchild;
	mach_port_name_t iitn_rchild;
} ipc_info_tree_name_t;
typedef ipc_info_tree_name_t *ipc_info_tree_name_array_t;

#define IPC_OTYPE_NONE 0
#define IPC_OTYPE_THREAD_CONTROL 1
#define IPC_OTYPE_TASK_CONTROL 2
#define IPC_OTYPE_HOST 3
#define IPC_OTYPE_HOST_PRIV 4
#define IPC_OTYPE_PROCESSOR 5
#define IPC_OTYPE_PROCESSOR_SET 6
#define IPC_OTYPE_PROCESSOR_SET_NAME 7
#define IPC_OTYPE_TIMER 8
#define IPC_OTYPE_PORT_SUBST_ONCE 9
#define IPC_OTYPE_MIG 10
#define IPC_OTYPE_MEMORY_OBJECT 11
#define IPC_OTYPE_XMM_PAGER 12
#define IPC_OTYPE_XMM_KERNEL 13
#define IPC_OTYPE_XMM_REPLY 14
#define IPC_OTYPE_UND_REPLY 15
#define IPC_OTYPE_HOST_NOTIFY 16
#define IPC_OTYPE_HOST_SECURITY 17
#define IPC_OTYPE_LEDGER 18
#define IPC_OTYPE_MAIN_DEVICE 19
#define IPC_OTYPE_TASK_NAME 20
#define IPC_OTYPE_SUBSYSTEM 21
#define IPC_OTYPE_IO_DONE_QUEUE 22
#define IPC_OTYPE_SEMAPHORE 23
#define IPC_OTYPE_LOCK_SET 24
#define IPC_OTYPE_CLOCK 25
#define IPC_OTYPE_CLOCK_CTRL 26
#define IPC_OTYPE_IOKIT_IDENT 27
#define IPC_OTYPE_NAMED_ENTRY 28
#define IPC_OTYPE_IOKIT_CONNECT 29
#define IPC_OTYPE_IOKIT_OBJECT 30
#define IPC_OTYPE_UPL 31
#define IPC_OTYPE_MEM_OBJ_CONTROL 32
#define IPC_OTYPE_AU_SESSIONPORT 33
#define IPC_OTYPE_FILEPORT 34
#define IPC_OTYPE_LABELH 35
#define IPC_OTYPE_TASK_RESUME 36
#define IPC_OTYPE_VOUCHER 37
#define IPC_OTYPE_VOUCHER_ATTR_CONTROL 38
#define IPC_OTYPE_WORK_INTERVAL 39
#define IPC_OTYPE_UX_HANDLER 40
#define IPC_OTYPE_UEXT_OBJECT 41
#define IPC_OTYPE_ARCADE_REG 42
#define IPC_OTYPE_EVENTLINK 43
#define IPC_OTYPE_TASK_INSPECT 44
#define IPC_OTYPE_TASK_READ 45
#define IPC_OTYPE_THREAD_INSPECT 46
#define IPC_OTYPE_THREAD_READ 47
#define IPC_OTYPE_SUID_CRED 48
#define IPC_OTYPE_HYPERVISOR 49
#define IPC_OTYPE_TASK_ID_TOKEN 50
#define IPC_OTYPE_TASK_FATAL 51
#define IPC_OTYPE_KCDATA 52
#define IPC_OTYPE_EXCLAVES_RESOURCE 53
#define IPC_OTYPE_UNKNOWN (~(ipc_info_object_type_t)0)

typedef struct ipc_info_port {
	natural_t iip_port_object;
	natural_t iip_receiver_object;
} ipc_info_port_t;
typedef ipc_info_port_t *exception_port_info_array_t;
typedef ipc_info_port_t *exception_handler_info_array_t;

#endif
