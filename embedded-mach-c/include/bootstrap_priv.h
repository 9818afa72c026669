/* The forms of <servers/bootstrap.h> with flags. */
#ifndef EMBEDDED_MACH_BOOTSTRAP_PRIV_H
#define EMBEDDED_MACH_BOOTSTRAP_PRIV_H

#include <servers/bootstrap.h>

#define BOOTSTRAP_PER_PID_SERVICE 0x1
#define BOOTSTRAP_ALLOW_LOOKUP 0x2
#define BOOTSTRAP_DENY_JOB_CREATION 0x4

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t bootstrap_register2(mach_port_t bp, char *service_name, mach_port_t sp, uint64_t flags);

#ifdef __cplusplus
}
#endif

#endif
