//! Queues and sources: a thread for each queue, epoll and pidfds.

mod queue;
mod runner;
mod source;

pub(crate) use queue::Queue;
pub(crate) use source::Source;
