/* Setting clocks, which nobody may: KERN_FAILURE. */
#ifndef EMBEDDED_MACH_CLOCK_PRIV_H
#define EMBEDDED_MACH_CLOCK_PRIV_H

#include <mach/clock_types.h>
#include <mach/mach_types.h>

#define clock_priv_MSG_COUNT 2

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t clock_set_time(clock_ctrl_t clock_ctrl, mach_timespec_t new_time);
extern kern_return_t clock_set_attributes(clock_ctrl_t clock_ctrl, clock_flavor_t flavor, clock_attr_t clock_attr,
    mach_msg_type_number_t clock_attrCnt);

#ifdef __cplusplus
}
#endif

#endif
