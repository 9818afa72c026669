//! Facts 59 and 60: semaphores.

use mach_ports::ffi::kern_return::KERN_INVALID_ARGUMENT;
use mach_ports::ffi::semaphore::semaphore_create;
use mach_ports::ffi::sync_policy::SYNC_POLICY_FIFO;
use rendezvous_tests::raw::task;

#[test]
fn fact_59_a_value_below_zero() {
    for value in [-1, i32::MIN] {
        let mut name = 0;
        // SAFETY: `name` can be written.
        let code = unsafe { semaphore_create(task(), &raw mut name, SYNC_POLICY_FIFO, value) };
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}
