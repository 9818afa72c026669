#ifndef _KINDS_TYPES_H_
#define _KINDS_TYPES_H_

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/port.h>

typedef uint8_t kinds_uint8_x16_t[16];
typedef int32_t kinds_int32_x3_t[3];
typedef uint64_t kinds_uint64_x2_t[2];
typedef uint8_t kinds_uint8_x5_t[5];
typedef int32_t kinds_int32_upto16_t[16];
typedef uint8_t kinds_uint8_upto10_t[10];
typedef uint64_t kinds_uint64_upto4_t[4];
typedef char kinds_string_upto64_t[64];
typedef char kinds_string_x32_t[32];
typedef uint8_t *kinds_uint8_ool_t;
typedef int32_t *kinds_int32_ool_t;
typedef mach_port_t kinds_copy_send_x3_t[3];
typedef mach_port_t kinds_copy_send_upto4_t[4];
typedef mach_port_t *kinds_copy_send_ool_t;
typedef mach_port_t *kinds_make_send_ool_t;

#endif /* _KINDS_TYPES_H_ */
