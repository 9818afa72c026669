//! Counting semaphores that can be passed in messages: `mach/semaphore.h`.

pub use crate::calls::semaphore::{
    semaphore_create, semaphore_destroy, semaphore_signal, semaphore_timedwait, semaphore_wait,
};
