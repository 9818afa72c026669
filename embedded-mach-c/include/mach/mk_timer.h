/* Ports that get a message when it is time. */
#ifndef EMBEDDED_MACH_MK_TIMER_H
#define EMBEDDED_MACH_MK_TIMER_H

#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <stdint.h>

#define MK_TIMER_NORMAL 0
#define MK_TIMER_CRITICAL 1
/* The time is one of mach_continuous_time. */
#define MK_TIMER_CONTINUOUS 2

#ifdef __cplusplus
extern "C" {
#endif

/* A receive right that is a timer; MACH_PORT_NULL if there is none to be had. */
extern mach_port_name_t mk_timer_create(void);
/* Gives up all rights under the name. */
extern kern_return_t mk_timer_destroy(mach_port_name_t name);
/* The message comes when mach_absolute_time does to the time, at once if that is past. One waits at most. */
extern kern_return_t mk_timer_arm(mach_port_name_t name, uint64_t expire_time);
/* No message is late for the sake of the leeway. */
extern kern_return_t mk_timer_arm_leeway(mach_port_name_t name, uint64_t mk_timer_flags,
    uint64_t mk_timer_expire_time, uint64_t mk_timer_leeway);
/* For when it was armed, 0 if it was not; result_time may be null. */
extern kern_return_t mk_timer_cancel(mach_port_name_t name, uint64_t *result_time);

#ifdef __cplusplus
}
#endif

#pragma pack(push, 4)
struct mk_timer_expire_msg {
	mach_msg_header_t header;
	uint64_t unused[3];
};
#pragma pack(pop)
typedef struct mk_timer_expire_msg mk_timer_expire_msg_t;

#endif
