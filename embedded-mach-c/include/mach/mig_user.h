/* What macOS's headers of calls include, MIG having made them; programs rely on it. */
#ifndef EMBEDDED_MACH_MIG_USER_H
#define EMBEDDED_MACH_MIG_USER_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <string.h>

#endif
