/* Sizes and offsets that messages between programs depend on. Compiled as C and as C++. */
#include <assert.h>
#include <mach/mach.h>
#include <mach/exception.h>
#include <mach/host_info.h>
#include <mach/mach_eventlink.h>
#include <mach/mk_timer.h>
#include <mach/notify.h>
#include <mach_debug/ipc_info.h>
#include <Availability.h>
#include <stddef.h>

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define OFFSET(type, field, bytes) static_assert(offsetof(type, field) == (bytes), #type "." #field)

SIZE(mach_msg_header_t, 24);
SIZE(mach_msg_body_t, 4);
SIZE(mach_msg_base_t, 28);
SIZE(mach_msg_empty_rcv_t, 32);
OFFSET(mach_msg_header_t, msgh_id, 20);

SIZE(mach_msg_type_descriptor_t, 12);
SIZE(mach_msg_port_descriptor_t, 12);
SIZE(mach_msg_ool_descriptor_t, 16);
SIZE(mach_msg_ool_ports_descriptor_t, 16);
SIZE(mach_msg_guarded_port_descriptor_t, 16);
SIZE(mach_msg_ool_descriptor32_t, 12);
SIZE(mach_msg_ool_descriptor64_t, 16);
SIZE(mach_msg_descriptor_t, 16);

/* The packing shows here: an address right behind header and count. */
typedef struct {
	mach_msg_header_t header;
	mach_msg_body_t body;
	mach_msg_ool_descriptor_t memory;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_ports_descriptor_t ports;
	mach_msg_guarded_port_descriptor_t guarded;
} complex_message_t;

OFFSET(complex_message_t, memory, 28);
OFFSET(complex_message_t, port, 44);
OFFSET(complex_message_t, ports, 56);
OFFSET(complex_message_t, guarded, 72);
SIZE(complex_message_t, 88);

SIZE(mach_msg_trailer_t, 8);
SIZE(mach_msg_seqno_trailer_t, 12);
SIZE(mach_msg_security_trailer_t, 20);
SIZE(mach_msg_audit_trailer_t, 52);
SIZE(mach_msg_context_trailer_t, 60);
SIZE(mach_msg_mac_trailer_t, 68);
static_assert(REQUESTED_TRAILER_SIZE(MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT)) == 52, "audit trailer");
static_assert(REQUESTED_TRAILER_SIZE(MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AV)) == 68, "largest trailer");

OFFSET(mach_port_deleted_notification_t, trailer, 36);
OFFSET(mach_send_possible_notification_t, trailer, 36);
OFFSET(mach_port_destroyed_notification_t, trailer, 40);
OFFSET(mach_no_senders_notification_t, trailer, 36);
OFFSET(mach_send_once_notification_t, trailer, 24);
OFFSET(mach_dead_name_notification_t, trailer, 36);
OFFSET(mach_dead_name_notification_t, not_port, 32);
OFFSET(mach_no_senders_notification_t, not_count, 32);
OFFSET(mach_port_destroyed_notification_t, not_port, 28);

SIZE(mig_reply_error_t, 36);
SIZE(mk_timer_expire_msg_t, 48);
OFFSET(mk_timer_expire_msg_t, unused, 24);

SIZE(vm_region_basic_info_data_64_t, 36);
OFFSET(struct vm_region_basic_info_64, offset, 20);
SIZE(vm_region_extended_info_data_t, 36);
SIZE(vm_region_submap_info_data_64_t, 76);
OFFSET(struct vm_region_submap_info_64, object_id_full, 68);
SIZE(vm_region_submap_short_info_data_64_t, 48);
static_assert(VM_REGION_SUBMAP_INFO_V0_COUNT_64 == 16, "the first form");
OFFSET(mig_reply_error_t, RetCode, 32);

SIZE(mach_port_status_t, 40);
SIZE(mach_port_info_ext_t, 68);
SIZE(mach_port_options_t, 24);
SIZE(mach_port_qos_t, 8);
SIZE(task_basic_info_64_data_t, 40);
SIZE(mach_task_basic_info_data_t, 48);

/* As code that MIG generates has it: checked, and packed. */
static_assert(__MigTypeCheck == 1, "generated code checks what it receives");
static_assert(__MigPackStructs == 1, "generated code packs its messages");

#ifdef __MigPackStructs
#pragma pack(push, 4)
#endif
typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	int a;
	uint64_t b;
	boolean_t c;
} generated_request_t;
#ifdef __MigPackStructs
#pragma pack(pop)
#endif

OFFSET(generated_request_t, b, 36);
SIZE(generated_request_t, 48);
SIZE(kobject_description_t, 512);

MIG_SERVER_ROUTINE extern kern_return_t routine(mach_port_t server, int a);

SIZE(mach_msg_vector_t, 24);
SIZE(mach_msg_aux_header_t, 8);
SIZE(host_basic_info_data_t, 48);
SIZE(thread_basic_info_data_t, 40);
SIZE(thread_identifier_info_data_t, 24);
SIZE(thread_extended_info_data_t, 112);
SIZE(thread_time_constraint_policy_data_t, 16);
SIZE(task_vm_info_data_t, 372);
SIZE(mach_service_port_info_data_t, 256);
SIZE(ipc_info_port_t, 8);
SIZE(eventlink_port_pair_t, 8);
static_assert(__MAC_10_15_4 == 101504 && __MAC_11_3 == 110300 && __MAC_15_0 == 150000, "versions of macOS");
static_assert(TASK_FLAVOR_CONTROL == 0 && TASK_FLAVOR_NAME == 3, "flavors of task ports");
