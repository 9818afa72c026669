/* mach_msg with the header in an argument and options of 64 bits; <mach/message.h> includes it. Private on macOS. */
#ifndef EMBEDDED_MACH_MACH_MSG2_H
#define EMBEDDED_MACH_MACH_MSG2_H

#include <mach/message.h>
#include <mach/vm_types.h>

typedef uint64_t mach_msg_option64_t;

/* The lower half is that of mach_msg. */
#define MACH64_MSG_OPTION_NONE 0x0ull
#define MACH64_SEND_MSG ((mach_msg_option64_t)MACH_SEND_MSG)
#define MACH64_RCV_MSG ((mach_msg_option64_t)MACH_RCV_MSG)
#define MACH64_RCV_LARGE ((mach_msg_option64_t)MACH_RCV_LARGE)
#define MACH64_RCV_LARGE_IDENTITY ((mach_msg_option64_t)MACH_RCV_LARGE_IDENTITY)
#define MACH64_SEND_TIMEOUT ((mach_msg_option64_t)MACH_SEND_TIMEOUT)
#define MACH64_SEND_OVERRIDE ((mach_msg_option64_t)MACH_SEND_OVERRIDE)
#define MACH64_SEND_INTERRUPT ((mach_msg_option64_t)MACH_SEND_INTERRUPT)
#define MACH64_SEND_NOTIFY ((mach_msg_option64_t)MACH_SEND_NOTIFY)
#define MACH64_SEND_FILTER_NONFATAL ((mach_msg_option64_t)MACH_SEND_FILTER_NONFATAL)
#define MACH64_SEND_TRAILER ((mach_msg_option64_t)MACH_SEND_TRAILER)
#define MACH64_SEND_NOIMPORTANCE ((mach_msg_option64_t)MACH_SEND_NOIMPORTANCE)
#define MACH64_SEND_NODENAP ((mach_msg_option64_t)MACH_SEND_NODENAP)
#define MACH64_SEND_SYNC_OVERRIDE ((mach_msg_option64_t)MACH_SEND_SYNC_OVERRIDE)
#define MACH64_SEND_PROPAGATE_QOS ((mach_msg_option64_t)MACH_SEND_PROPAGATE_QOS)
#define MACH64_SEND_SYNC_BOOTSTRAP_CHECKIN ((mach_msg_option64_t)MACH_SEND_SYNC_BOOTSTRAP_CHECKIN)
#define MACH64_RCV_TIMEOUT ((mach_msg_option64_t)MACH_RCV_TIMEOUT)
#define MACH64_RCV_INTERRUPT ((mach_msg_option64_t)MACH_RCV_INTERRUPT)
#define MACH64_RCV_VOUCHER ((mach_msg_option64_t)MACH_RCV_VOUCHER)
#define MACH64_RCV_GUARDED_DESC ((mach_msg_option64_t)MACH_RCV_GUARDED_DESC)
#define MACH64_RCV_SYNC_WAIT ((mach_msg_option64_t)MACH_RCV_SYNC_WAIT)
#define MACH64_RCV_SYNC_PEEK ((mach_msg_option64_t)MACH_RCV_SYNC_PEEK)
#define MACH64_MSG_STRICT_REPLY ((mach_msg_option64_t)MACH_MSG_STRICT_REPLY)

/* Message and auxiliary data in two buffers: not offered. */
#define MACH64_MSG_VECTOR 0x0000000100000000ull

typedef struct {
	mach_vm_address_t msgv_data;
	mach_vm_address_t msgv_rcv_addr;
	mach_msg_size_t msgv_send_size;
	mach_msg_size_t msgv_rcv_size;
} mach_msg_vector_t;

typedef struct {
	mach_msg_size_t msgdh_size;
	uint32_t msgdh_reserved;
} mach_msg_aux_header_t;

typedef enum {
	MACH_MSGV_IDX_MSG = 0,
	MACH_MSGV_IDX_AUX = 1
} mach_msgv_index_t;

#define MACH_MSGV_MAX_COUNT (MACH_MSGV_IDX_AUX + 1)

/* What the sender says of the destination: not asked for here. */
#define MACH64_SEND_KOBJECT_CALL 0x0000000200000000ull
#define MACH64_SEND_MQ_CALL 0x0000000400000000ull
#define MACH64_SEND_USER_CALL MACH64_SEND_MQ_CALL
#define MACH64_SEND_ANY 0x0000000800000000ull
#define MACH64_SEND_DK_CALL 0x0000001000000000ull

#ifdef __cplusplus
extern "C" {
#endif

static inline mach_msg_return_t mach_msg2(void *data, mach_msg_option64_t option64, mach_msg_header_t header,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_t rcv_name, uint64_t timeout,
    uint32_t priority)
{
	if (option64 & MACH64_MSG_VECTOR) {
		return option64 & MACH64_SEND_MSG ? MACH_SEND_INVALID_OPTIONS : MACH_RCV_INVALID_ARGUMENTS;
	}
	if (option64 & MACH64_SEND_MSG) {
		*(mach_msg_header_t *)data = header;
	}
	return mach_msg((mach_msg_header_t *)data, (mach_msg_option_t)(uint32_t)option64, send_size, rcv_size,
	    rcv_name, (mach_msg_timeout_t)timeout, priority);
}

#ifdef __cplusplus
}
#endif

#endif
