//! Counting semaphores that can be passed in messages: `mach/semaphore.h`.
