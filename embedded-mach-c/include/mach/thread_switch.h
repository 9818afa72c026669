/* Giving the processor away. */
#ifndef EMBEDDED_MACH_THREAD_SWITCH_H
#define EMBEDDED_MACH_THREAD_SWITCH_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/message.h>

#define SWITCH_OPTION_NONE 0    /* only let others run */
#define SWITCH_OPTION_DEPRESS 1 /* with a lower priority for a time */
#define SWITCH_OPTION_WAIT 2    /* not before a time, in milliseconds */

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t thread_switch(mach_port_name_t thread_name, int option, mach_msg_timeout_t option_time);

#ifdef __cplusplus
}
#endif

#endif
