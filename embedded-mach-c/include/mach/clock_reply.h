/* What a clock sends for an alarm: the id 3125107, NDR, code, kind, time. */
#ifndef EMBEDDED_MACH_CLOCK_REPLY_H
#define EMBEDDED_MACH_CLOCK_REPLY_H

#include <mach/clock_types.h>
#include <mach/mach_types.h>

#define clock_reply_MSG_COUNT 1

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t clock_alarm_reply(clock_reply_t alarm_port, mach_msg_type_name_t alarm_portPoly,
    kern_return_t alarm_code, alarm_type_t alarm_type, mach_timespec_t alarm_time);

#ifdef __cplusplus
}
#endif

#endif
