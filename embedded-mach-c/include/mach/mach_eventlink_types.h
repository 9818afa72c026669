/* Options of event links, of which there are none. */
#ifndef EMBEDDED_MACH_MACH_EVENTLINK_TYPES_H
#define EMBEDDED_MACH_MACH_EVENTLINK_TYPES_H

#include <stdint.h>

typedef uint32_t mach_eventlink_create_option_t;
typedef uint32_t mach_eventlink_associate_option_t;
typedef uint32_t mach_eventlink_disassociate_option_t;
typedef uint32_t mach_eventlink_signal_wait_option_t;
typedef uint32_t kern_clock_id_t;

#define MELC_OPTION_NONE 0
#define MELC_OPTION_NO_COPYIN 1
#define MELC_OPTION_WITH_COPYIN 2
#define MELA_OPTION_NONE 0
#define MELA_OPTION_ASSOCIATE_ON_WAIT 1
#define MELD_OPTION_NONE 0
#define MELSW_OPTION_NONE 0
#define MELSW_OPTION_NO_WAIT 1
#define KERN_CLOCK_MACH_ABSOLUTE_TIME 1

#endif
