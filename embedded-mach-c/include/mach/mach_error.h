/* What error codes say. */
#ifndef EMBEDDED_MACH_MACH_ERROR_H
#define EMBEDDED_MACH_MACH_ERROR_H

#include <mach/error.h>

#ifdef __cplusplus
extern "C" {
#endif

extern char *mach_error_string(mach_error_t error_value);
/* Writes str and the text to the standard error. */
extern void mach_error(const char *str, mach_error_t error_value);
extern char *mach_error_type(mach_error_t error_value);

#ifdef __cplusplus
}
#endif

#endif
