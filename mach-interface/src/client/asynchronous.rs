//! Typed calls for tasks.

use std::time::Duration;

use mach_ports::{ReceiveOptions, ReceiveRight, SendError, SendOptions, SendRight};
use tokio::time::Instant;

use crate::client::handle::results;
use crate::client::reply_ports::ReplyPorts;
use crate::client::{Answer, CallError, Client, Limits, ReplyTo};
use crate::kind::Kinds;
use crate::wire;

/// A [`Client`] for tasks of tokio. The clients that `#[subsystem]` makes with the feature `tokio` are these with the routines'
/// names: for a trait `Decoder`, `DecoderAsyncClient`.
///
/// A clone shares the reply ports, of which a few are kept for later calls in the same runtime. Any number of calls may be under
/// way at once. A call whose future is dropped leaves nothing behind: what was not sent is released, and what was sent is answered
/// to nobody.
///
/// Deadlines, and waiting for a server whose queue is full, take a runtime with timers (`enable_time`).
#[derive(Debug, Clone)]
pub struct AsyncClient {
    client: Client,
    ports: ReplyPorts,
}

impl From<Client> for AsyncClient {
    fn from(client: Client) -> Self {
        Self {
            client,
            ports: ReplyPorts::default(),
        }
    }
}

impl AsyncClient {
    /// Calls by this right, which wait for ever.
    #[must_use]
    pub fn new(right: SendRight) -> Self {
        Client::new(right).into()
    }

    /// Gives each call so long, from sending to the reply; `None` is for ever.
    #[must_use]
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.client = self.client.with_timeout(timeout);
        self
    }

    /// Limits each call.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.client = self.client.with_limits(limits);
        self
    }

    /// How long each call may take.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.client.limits()
    }

    /// The right that requests go by.
    #[must_use]
    pub const fn right(&self) -> &SendRight {
        self.client.right()
    }

    /// Gives the right back.
    #[must_use]
    pub fn into_right(self) -> SendRight {
        self.client.into_right()
    }

    /// Calls a routine.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub async fn call<I: Kinds, O: Kinds>(
        &self,
        id: i32,
        arguments: I::Given<'_>,
    ) -> Result<O::Received, CallError> {
        let answer = self.exchange::<I, O>(self.limits(), id, arguments).await?;
        Ok(answer.results)
    }

    /// As [`call`](Self::call), with limits of its own, and saying who replied.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub async fn exchange<I: Kinds, O: Kinds>(
        &self,
        limits: Limits,
        id: i32,
        arguments: I::Given<'_>,
    ) -> Result<Answer<O::Received>, CallError> {
        let (message, rooms) = wire::request::<I>(id, arguments).map_err(|_| CallError::TooLong)?;
        // By the runtime's time.
        let deadline = limits
            .to_wait()
            .and_then(|limit| Instant::now().checked_add(limit));
        let port = self.ports.take()?;
        let sent = message
            .reply_to_make_send_once(port.receiver().get_ref())
            .send_async(self.right(), &SendOptions::new().timeout(limits.to_send()))
            .await;
        match sent {
            Ok(()) => {}
            Err(error @ SendError::DestinationDead) => {
                // No reply can come.
                port.keep();
                return Err(CallError::NotSent(error));
            }
            Err(error) => return Err(CallError::NotSent(error)),
        }
        let options = ReceiveOptions::new()
            .max_size(O::SHAPE.largest_reply())
            .timeout(left(deadline));
        let mut reply = port
            .receiver()
            .receive(&options)
            .await
            .map_err(CallError::of_receive)?;
        port.keep();
        Ok(Answer {
            results: results::<O>(id, &mut reply, &rooms)?,
            replier: reply.audit_token(),
        })
    }

    /// Calls a routine that has no reply.
    ///
    /// # Errors
    ///
    /// [`CallError::TooLong`] and [`CallError::NotSent`].
    pub async fn send<I: Kinds>(&self, id: i32, arguments: I::Given<'_>) -> Result<(), CallError> {
        self.post::<I>(self.limits(), id, arguments, None).await
    }

    /// Calls a routine that has no reply to this call, but is told a port.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub async fn send_with_reply_port<'a, I: Kinds>(
        &self,
        id: i32,
        arguments: I::Given<'a>,
        port: &'a ReceiveRight,
    ) -> Result<(), CallError> {
        let to = ReplyTo::MakeSendOnce(port);
        let limits = self.limits();
        self.post::<I>(limits, id, arguments, Some(to)).await
    }

    /// As [`send`](Self::send), with limits of its own, and maybe with a right to reply.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub async fn post<'a, I: Kinds>(
        &self,
        limits: Limits,
        id: i32,
        arguments: I::Given<'a>,
        reply_to: Option<ReplyTo<'a>>,
    ) -> Result<(), CallError> {
        let (message, _) = wire::request::<I>(id, arguments).map_err(|_| CallError::TooLong)?;
        let message = match reply_to {
            Some(to) => to.put(message),
            None => message,
        };
        let options = SendOptions::new().timeout(limits.to_send());
        message
            .send_async(self.right(), &options)
            .await
            .map_err(CallError::NotSent)
    }
}

/// What is left of the time.
fn left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}
