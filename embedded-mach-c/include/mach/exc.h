/* Telling of exceptions, which are told to nobody: KERN_NOT_SUPPORTED. */
#ifndef EMBEDDED_MACH_EXC_H
#define EMBEDDED_MACH_EXC_H

#include <mach/exception_types.h>
#include <mach/mig_user.h>
#include <mach/thread_status.h>

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t exception_raise(mach_port_t exception_port, mach_port_t thread, mach_port_t task,
    exception_type_t exception, exception_data_t code, mach_msg_type_number_t codeCnt);
extern kern_return_t exception_raise_state(mach_port_t exception_port, exception_type_t exception,
    exception_data_t code, mach_msg_type_number_t codeCnt, int *flavor, thread_state_t old_state,
    mach_msg_type_number_t old_stateCnt, thread_state_t new_state, mach_msg_type_number_t *new_stateCnt);
extern kern_return_t exception_raise_state_identity(mach_port_t exception_port, mach_port_t thread,
    mach_port_t task, exception_type_t exception, exception_data_t code, mach_msg_type_number_t codeCnt, int
    *flavor, thread_state_t old_state, mach_msg_type_number_t old_stateCnt, thread_state_t new_state,
    mach_msg_type_number_t *new_stateCnt);

#ifdef __cplusplus
}
#endif

#endif
