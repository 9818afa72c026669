/* Clocks by their ports, which host_get_clock_service gives. */
#ifndef EMBEDDED_MACH_CLOCK_H
#define EMBEDDED_MACH_CLOCK_H

#include <mach/clock_types.h>
#include <mach/mach_types.h>

#define clock_MSG_COUNT 3

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t clock_get_time(clock_serv_t clock_serv, mach_timespec_t *cur_time);
extern kern_return_t clock_get_attributes(clock_serv_t clock_serv, clock_flavor_t flavor, clock_attr_t clock_attr,
    mach_msg_type_number_t *clock_attrCnt);
/* The message of <mach/clock_reply.h> comes when it is time, by a send-once right that is made from the port. */
extern kern_return_t clock_alarm(clock_serv_t clock_serv, alarm_type_t alarm_type, mach_timespec_t alarm_time,
    clock_reply_t alarm_port);

#ifdef __cplusplus
}
#endif

#endif
