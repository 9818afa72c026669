//! Events for tasks of tokio.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use mach_ports::ReceiveRight;
use mach_ports::tokio::Receiver;

use crate::client::events::{EventsError, LockEvents, Observed, Reader};
use crate::client::{LockClient, LockError};

/// [`LockEvents`], for tasks: a `Stream` of what happens, which brings [`EventsError::Ended`] once the service is gone, and then
/// ends. It keeps its client's session open.
///
/// ```
/// use lock_service::{LockClient, LockOptions, LockService, Resource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let service = LockService::builder().start()?;
/// let client = LockClient::open_async(service.right()).await?;
/// let mut events = client.observe_async().await?;
/// let cache = Resource::named("the cache").ok_or("no name")?;
/// let guard = client.lock_async(&cache, &LockOptions::new()).await?;
/// let observed = events.next().await.ok_or("the end")??;
/// assert_eq!(observed.event.resource, Some(cache));
/// # guard.unlock_async(0).await?;
/// # Ok(())
/// # })
/// # }
/// ```
pub struct LockEventStream {
    messages: Receiver<ReceiveRight>,
    client: LockClient,
    reader: Reader,
    ended: bool,
}

impl LockEvents {
    /// The same events, for tasks of the current runtime.
    ///
    /// # Errors
    ///
    /// [`EventsError::Watch`].
    ///
    /// # Panics
    ///
    /// On Linux: outside a tokio runtime, or in one without I/O (`enable_io`).
    pub fn into_stream(self) -> Result<LockEventStream, EventsError> {
        let Self {
            port,
            client,
            reader,
        } = self;
        Ok(LockEventStream {
            messages: Receiver::new(port)?,
            client,
            reader,
            ended: false,
        })
    }
}

impl LockEventStream {
    /// The client that observes.
    #[must_use]
    pub const fn client(&self) -> &LockClient {
        &self.client
    }

    /// The next event; `None` after the last one. A future that is dropped loses none.
    pub async fn next(&mut self) -> Option<Result<Observed, EventsError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl LockClient {
    /// As [`observe`](Self::observe), for tasks.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe), and if the runtime cannot watch a port: [`LockError::Events`].
    ///
    /// # Panics
    ///
    /// On Linux: outside a tokio runtime, or in one without I/O (`enable_io`).
    pub async fn observe_async(&self) -> Result<LockEventStream, LockError> {
        let events = self.new_events()?;
        let calls = self.0.tasks.clone().with_timeout(crate::client::PATIENCE);
        crate::client::error::granted(calls.observe(events.port()).await?)?;
        events.into_stream().map_err(LockError::Events)
    }
}

impl Stream for LockEventStream {
    type Item = Result<Observed, EventsError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while !this.ended {
            let read = match ready!(Pin::new(&mut this.messages).poll_next(context)) {
                None => break,
                Some(Err(error)) => Err(EventsError::Receive(error)),
                Some(Ok(message)) => this.reader.read(message),
            };
            this.ended = matches!(read, Err(EventsError::Ended));
            // What this version does not know is passed over.
            if let Some(item) = read.transpose() {
                return Poll::Ready(Some(item));
            }
        }
        this.ended = true;
        Poll::Ready(None)
    }
}

impl std::fmt::Debug for LockEventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockEventStream")
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
