#ifndef _KM_TYPES_H_
#define _KM_TYPES_H_

#include <stdint.h>
#include <mach/boolean.h>
#include <mach/port.h>

typedef uint8_t km_uint8_x16_t[16];

#endif /* _KM_TYPES_H_ */
