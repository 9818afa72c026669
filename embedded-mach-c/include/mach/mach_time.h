/* The clock that only goes forward. */
#ifndef EMBEDDED_MACH_MACH_TIME_H
#define EMBEDDED_MACH_MACH_TIME_H

#include <mach/mach_types.h>
#include <stdint.h>
#include <time.h>

/* Ticks times numer divided by denom are nanoseconds. */
struct mach_timebase_info {
	uint32_t numer;
	uint32_t denom;
};
typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;

#ifdef __cplusplus
extern "C" {
#endif

extern kern_return_t mach_timebase_info(mach_timebase_info_t info);
/* All at once; null for what is not wanted. */
extern kern_return_t mach_get_times(uint64_t *absolute_time, uint64_t *continuous_time, struct timespec *tp);
extern kern_return_t mach_wait_until(uint64_t deadline);
extern uint64_t mach_absolute_time(void);
extern uint64_t mach_approximate_time(void);
/* These go on while the machine sleeps. */
extern uint64_t mach_continuous_time(void);
extern uint64_t mach_continuous_approximate_time(void);

#ifdef __cplusplus
}
#endif

#endif
