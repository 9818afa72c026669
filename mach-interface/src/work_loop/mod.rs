//! One loop for all that a program waits for: messages, requests, timers, semaphores, notifications, and what else a thread
//! can wait for, such as the grant of a lock.
//!
//! - `dispatch`: the loop, and what it calls;
//! - `waiting`: a thread that waits for what is no port.

mod dispatch;
#[cfg(test)]
mod tests;
mod waiting;

pub use dispatch::{Dispatched, SourceId, Stopper, WorkLoop};
