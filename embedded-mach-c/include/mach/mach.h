/* All that a Mach program usually needs. */
#ifndef EMBEDDED_MACH_MACH_H
#define EMBEDDED_MACH_MACH_H

#define __MACH30__
#define MACH_IPC_FLAVOR UNTYPED

#include <mach/mach_error.h>
#include <mach/mach_host.h>
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mach_types.h>
#include <mach/mig.h>
#include <mach/mig_errors.h>
#include <mach/std_types.h>
#include <mach/thread_switch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Releases what a message holds: rights, also that to reply, and memory marked to be deallocated. */
extern void mach_msg_destroy(mach_msg_header_t *msg);
/* Send what the header says. */
extern mach_msg_return_t mach_msg_send(mach_msg_header_t *msg);
/* Receive at the header's local port, up to its size. */
extern mach_msg_return_t mach_msg_receive(mach_msg_header_t *msg);

/* Receive, have demux make a reply, send it: for ever, or once. */
extern mach_msg_return_t mach_msg_server(boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *),
    mach_msg_size_t max_size, mach_port_t rcv_name, mach_msg_options_t options);
extern mach_msg_return_t mach_msg_server_once(boolean_t (*demux)(mach_msg_header_t *, mach_msg_header_t *),
    mach_msg_size_t max_size, mach_port_t rcv_name, mach_msg_options_t options);

/* Sleeps by the system clock (or MACH_PORT_NULL) until a time, or so long; wakeup_time may be null. */
extern kern_return_t clock_sleep(mach_port_t clock_name, sleep_type_t sleep_type, mach_timespec_t sleep_time,
    mach_timespec_t *wakeup_time);

/* Makes the header of a reply. */
extern void mig_reply_setup(mach_msg_header_t *request, mach_msg_header_t *reply);

#ifdef __cplusplus
}
#endif

#endif
