//! `mach/semaphore.h`: counting semaphores.

use mach::clock_types::mach_timespec_t;
use mach::kern_return::kern_return_t;
use mach::mach_types::{semaphore_t, thread_t};

functions! {
    mach::semaphore:

    fn semaphore_signal(semaphore: semaphore_t) -> kern_return_t;
    fn semaphore_signal_all(semaphore: semaphore_t) -> kern_return_t;
    fn semaphore_wait(semaphore: semaphore_t) -> kern_return_t;
    fn semaphore_timedwait(semaphore: semaphore_t, wait_time: mach_timespec_t) -> kern_return_t;
    fn semaphore_timedwait_signal(
        wait_semaphore: semaphore_t,
        signal_semaphore: semaphore_t,
        wait_time: mach_timespec_t,
    ) -> kern_return_t;
    fn semaphore_wait_signal(
        wait_semaphore: semaphore_t,
        signal_semaphore: semaphore_t,
    ) -> kern_return_t;
    fn semaphore_signal_thread(semaphore: semaphore_t, thread: thread_t) -> kern_return_t;
}
