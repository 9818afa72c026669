//! Receiving.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::task::coop::consume_budget;

use crate::calls::Name;
use crate::dispatch::DispatchError;
use crate::message::{ReceiveError, ReceiveOptions, ReceivedMessage, receive_on};
use crate::port_set::PortSet;
use crate::right::ReceiveRight;
use crate::sys::watch::Watch;
use crate::tokio::time::Deadline;

/// What messages are received from: a [`ReceiveRight`] or a [`PortSet`], owned, borrowed or shared. Implemented by these and by
/// nothing else.
pub trait Source: sealed::Sealed {
    /// The name under which the task holds it.
    fn name(&self) -> Name;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for ReceiveRight {}
impl Source for ReceiveRight {
    fn name(&self) -> Name {
        self.name()
    }
}

impl sealed::Sealed for PortSet {}
impl Source for PortSet {
    fn name(&self) -> Name {
        self.name()
    }
}

impl<S: Source> sealed::Sealed for &S {}
impl<S: Source> Source for &S {
    fn name(&self) -> Name {
        S::name(self)
    }
}

impl<S: Source> sealed::Sealed for Arc<S> {}
impl<S: Source> Source for Arc<S> {
    fn name(&self) -> Name {
        S::name(self)
    }
}

/// A port or a port set in a runtime, to be received from by tasks.
///
/// Any number of tasks may [`receive`](Self::receive) at once; each message goes to one of them. It may be received from in other
/// ways meanwhile, too, and a port may have several receivers.
///
/// As a `Stream` it brings messages without a deadline, and errors of single messages between them. It ends after
/// [`ReceiveError::PortChanged`], [`ReceiveError::ShutDown`] or [`ReceiveError::Failed`].
///
/// ```
/// use mach_ports::tokio::Receiver;
/// use mach_ports::{Message, PortSet, ReceiveRight, SendOptions};
/// use futures_util::StreamExt;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let (one, other, set) = (ReceiveRight::new()?, ReceiveRight::new()?, PortSet::new()?);
/// set.insert(&one)?;
/// set.insert(&other)?;
/// Message::new(1).send(&one.make_send()?, &SendOptions::new())?;
/// Message::new(2).send(&other.make_send()?, &SendOptions::new())?;
///
/// let mut messages = Receiver::new(set)?.take(2);
/// let mut sum = 0;
/// while let Some(message) = messages.next().await {
///     sum += message?.id();
/// }
/// assert_eq!(sum, 3);
/// # Ok(())
/// # })
/// # }
/// ```
pub struct Receiver<S = ReceiveRight> {
    // Before the port: it must have ended when that goes.
    watch: Watch,
    source: S,
    max_size: usize,
    /// Whether the stream has come to its end.
    ended: bool,
}

impl<S: Source> Receiver<S> {
    /// Has the current runtime watch a port or a set. As a stream it takes messages of up to 1 MiB.
    ///
    /// # Errors
    ///
    /// The system is short of a resource. The port is dropped, if it was given away.
    ///
    /// # Panics
    ///
    /// On Linux: outside a tokio runtime, or in one without I/O (`enable_io`).
    pub fn new(source: S) -> Result<Self, DispatchError> {
        Ok(Self {
            watch: Watch::new(source.name())?,
            source,
            max_size: ReceiveOptions::new().max_size,
            ended: false,
        })
    }

    /// Has the stream destroy larger messages, out-of-line memory not counted.
    #[must_use]
    pub fn with_max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// The port or the set.
    pub const fn get_ref(&self) -> &S {
        &self.source
    }

    /// Gives the port or the set back.
    pub fn into_inner(self) -> S {
        self.source
    }

    /// Receives the next message. The timeout is by the runtime's time; one of zero does not wait.
    ///
    /// Dropping the future loses no message.
    ///
    /// # Errors
    ///
    /// See [`ReceiveError`].
    ///
    /// # Panics
    ///
    /// With a timeout, if the runtime has no timers (`enable_time`).
    pub fn receive<'a>(
        &'a self,
        options: &ReceiveOptions,
    ) -> impl Future<Output = Result<ReceivedMessage, ReceiveError>> + use<'a, S> {
        // The future has options of its own, so that it may outlive these.
        self.receive_by(*options)
    }

    async fn receive_by(&self, options: ReceiveOptions) -> Result<ReceivedMessage, ReceiveError> {
        // Where messages are always there, other tasks have their turns all the same.
        consume_budget().await;
        if options.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return receive_on(self.source.name(), &options);
        }
        let wait = self.watch.wait(|| self.attempt(options.max_size));
        match Deadline::after(options.timeout).limit(wait).await {
            Some(received) => received.unwrap_or(Err(ReceiveError::ShutDown)),
            None => Err(ReceiveError::TimedOut),
        }
    }

    /// The next message, or what is wrong with it; `None` if there is none now.
    fn attempt(&self, max_size: usize) -> Option<Result<ReceivedMessage, ReceiveError>> {
        let now = ReceiveOptions::new()
            .timeout(Duration::ZERO)
            .max_size(max_size);
        match receive_on(self.source.name(), &now) {
            Err(ReceiveError::TimedOut) => None,
            received => Some(received),
        }
    }
}

impl<S: Source + Unpin> Stream for Receiver<S> {
    type Item = Result<ReceivedMessage, ReceiveError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        ready!(pin!(consume_budget()).poll(context));
        let polled = this.watch.poll(context, || this.attempt(this.max_size));
        let received = ready!(polled).unwrap_or(Err(ReceiveError::ShutDown));
        this.ended = matches!(
            received,
            Err(ReceiveError::PortChanged | ReceiveError::ShutDown | ReceiveError::Failed(_))
        );
        Poll::Ready(Some(received))
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for Receiver<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
