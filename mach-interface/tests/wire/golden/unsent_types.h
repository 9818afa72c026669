#ifndef _UNSENT_TYPES_H_
#define _UNSENT_TYPES_H_

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/port.h>

typedef mach_port_t *unsent_copy_send_ool_t;
typedef mach_port_t *unsent_move_send_ool_upto4_t;
typedef uint8_t unsent_rust_value_upto16_t[16];
typedef uint8_t unsent_rust_value_upto32_t[32];
typedef uint8_t *unsent_rust_value_t;

#endif /* _UNSENT_TYPES_H_ */
