//! Counting semaphores that can be passed in messages: `mach/semaphore.h`.

pub use super::extra::{
    semaphore_signal_all, semaphore_signal_thread, semaphore_timedwait_signal,
    semaphore_wait_signal,
};
pub use crate::calls::semaphore::{
    semaphore_create, semaphore_destroy, semaphore_signal, semaphore_timedwait, semaphore_wait,
};
