//! Queues and sources as threads, epoll and pidfds.

mod poller;
mod queue;
mod source;

pub(crate) use queue::Queue;
pub(crate) use source::Source;
