/* A thread's port for replies of servers that are to run at the thread's priority; here priorities do not follow. */
#ifndef EMBEDDED_MACH_MACH_SYNC_IPC_H
#define EMBEDDED_MACH_MACH_SYNC_IPC_H

#include <mach/mach.h>

#ifdef __cplusplus
extern "C" {
#endif

extern mach_port_t mig_get_special_reply_port(void);
extern void mig_dealloc_special_reply_port(mach_port_t migport);

#ifdef __cplusplus
}
#endif

#endif
