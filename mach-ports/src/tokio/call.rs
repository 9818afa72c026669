//! A request and its reply.

use std::time::Duration;

use crate::message::{
    CallError, Disposition, Message, Notification, ReceiveOptions, ReceivedMessage, SendOptions,
};
use crate::right::{ReceiveRight, SendRight};
use crate::tokio::Receiver;
use crate::tokio::time::Deadline;

impl<'m> Message<'m> {
    /// [`call`](Self::call), for a task: sends the message by `to` and waits for the one reply, both within `timeout` of the
    /// runtime's time.
    ///
    /// If the future is dropped before the request has room it was not sent, and its rights are released; if later, the reply
    /// goes nowhere. No reply port is left in either case.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// # Panics
    ///
    /// As [`Receiver::new`] and [`send_async`](Self::send_async).
    pub fn call_async(
        self,
        to: &SendRight,
        timeout: impl Into<Option<Duration>>,
    ) -> impl Future<Output = Result<ReceivedMessage, CallError>> {
        self.call_by(to, ReceiveOptions::new().timeout(timeout))
    }

    /// Like [`call_async`](Self::call_async), with a limit on the reply's size. The timeout covers the request and the reply.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// # Panics
    ///
    /// As [`call_async`](Self::call_async).
    pub fn call_async_with<'a>(
        self,
        to: &'a SendRight,
        options: &ReceiveOptions,
    ) -> impl Future<Output = Result<ReceivedMessage, CallError>> + use<'a, 'm> {
        // The future has options of its own, so that it may outlive these.
        self.call_by(to, *options)
    }

    async fn call_by(
        self,
        to: &SendRight,
        options: ReceiveOptions,
    ) -> Result<ReceivedMessage, CallError> {
        let deadline = Deadline::after(options.timeout);
        let port = ReceiveRight::new().map_err(CallError::ReplyPort)?;
        let replies = Receiver::new(port).map_err(CallError::Watch)?;
        // As in `call_with` the port outlives the message.
        self.reply(replies.get_ref().name(), Disposition::MakeSendOnce)
            .send_async(to, &SendOptions::new().timeout(deadline.remaining()))
            .await?;
        let reply = replies
            .receive(&options.timeout(deadline.remaining()))
            .await?;
        match reply.notification() {
            Some(Notification::SendOnce) => Err(CallError::NoReply),
            _ => Ok(reply),
        }
    }
}
