//! Dispatch sources: closures that run on a serial queue when a port has a message or a process exits.
//!
//! The rules, which hold on both systems:
//!
//! - What runs on one queue runs one after the other. It may block; other queues go on.
//! - A source is made with its handler, so no event can come before there is one.
//! - A receive handler is called again as long as messages are queued. It should receive with a timeout of zero: a
//!   message may have been taken by someone else in the meantime.
//! - Once a source was cancelled (or dropped, which cancels it), no call of its handler begins. One that is under way
//!   on the queue goes on; [`MachReceiveSource::cancel_and_wait`] waits for it. Cancelling from the handler itself
//!   is allowed.
//! - A panic on a queue aborts the process, as it would in libdispatch: there is nobody to catch it.
//! - Neither queues nor sources survive a `fork` without `exec`: in the child they do nothing, which leaves those of the
//!   parent undisturbed, and waiting for one is an error. New ones can be made there.
//!
//! ```
//! use std::sync::mpsc;
//! use std::time::Duration;
//! use mach_ports::dispatch::{MachReceiveSource, SerialQueue};
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let port = ReceiveRight::new()?;
//! let right = port.make_send()?;
//! let queue = SerialQueue::new("example")?;
//! let (ids, received) = mpsc::channel();
//! let source = MachReceiveSource::new(port, &queue, move |port| {
//!     while let Ok(message) = port.receive(&ReceiveOptions::new().timeout(Duration::ZERO)) {
//!         let _ = ids.send(message.id());
//!     }
//! })?;
//!
//! Message::new(42).send(&right, &SendOptions::new())?;
//! assert_eq!(received.recv_timeout(Duration::from_secs(10))?, 42);
//! let port = source.cancel_and_wait()?; // the handler will not be called again
//! assert_eq!(port.name(), right.name());
//! # Ok(())
//! # }
//! ```

mod event;
mod exit;
pub(crate) mod latch;
mod queue;
mod receive;
mod timer;

#[cfg(test)]
mod tests;

pub use event::ExitEvent;
pub use exit::ProcessExitSource;
pub use queue::SerialQueue;
pub use receive::MachReceiveSource;
pub use timer::TimerSource;

/// Why a queue or a source could not be made or waited for.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// A Mach call failed.
    #[error(transparent)]
    Mach(#[from] crate::Error),
    /// A system call failed.
    #[error("{call} failed")]
    System {
        /// The call.
        call: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The caller's side: no process has such an id.
    #[error("{0} is not a process id")]
    NoProcessId(i32),
    /// The caller's side: it runs on the queue that it would wait for.
    #[error("waiting for one's own queue would never end")]
    OwnQueue,
    /// The caller's side: its process was forked from that of the queue, whose thread is not in it.
    #[error("the queue belongs to the process that this one was forked from")]
    Forked,
}

crate::debug_with_causes!(DispatchError);
