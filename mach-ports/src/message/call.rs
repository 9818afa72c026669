//! A request and its reply.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::time::Duration;

use crate::deadline::Deadline;
use crate::dispatch::DispatchError;
use crate::error::Error;
use crate::message::notification::Notification;
use crate::message::{
    Message, ReceiveError, ReceiveOptions, ReceivedMessage, SendError, SendOptions,
};
use crate::right::{ReceiveRight, SendRight};

/// Why a call brought no reply.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No reply port could be made.
    #[error("no reply port could be made")]
    ReplyPort(#[source] Error),
    /// The reply port could not be watched for the task that waits.
    #[error("the reply port could not be watched")]
    Watch(#[source] DispatchError),
    /// The request was not sent.
    #[error("the request was not sent")]
    Send(#[from] SendError),
    /// The other side dropped the right to reply: it died, or did not want to answer.
    #[error("the receiver dropped the request without a reply")]
    NoReply,
    /// The reply was not received.
    #[error("no reply was received")]
    Receive(#[from] ReceiveError),
}

crate::debug_with_causes!(CallError);

impl Message<'_> {
    /// Sends the message by `to` and waits for the one reply, both within `timeout` (`None` is for ever). The
    /// reply goes to a new port that is destroyed afterwards, so a late one cannot be mistaken for another's. A
    /// reply port named in the message before is replaced.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn call(
        self,
        to: &SendRight,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<ReceivedMessage, CallError> {
        self.call_with(to, &ReceiveOptions::new().timeout(timeout))
    }

    /// Like [`call`](Self::call), with a limit on the reply's size. The timeout covers the request and the reply.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn call_with(
        self,
        to: &SendRight,
        options: &ReceiveOptions,
    ) -> Result<ReceivedMessage, CallError> {
        let deadline = Deadline::after(options.timeout);
        let port = ReceiveRight::new().map_err(CallError::ReplyPort)?;
        let send_options = SendOptions::new().timeout(deadline.remaining());
        // The port outlives the message, but not in a way that a lifetime could say here.
        self.reply(port.name(), crate::message::Disposition::MakeSendOnce)
            .send(to, &send_options)?;
        let reply = port.receive(&options.timeout(deadline.remaining()))?;
        match reply.notification() {
            Some(Notification::SendOnce) => Err(CallError::NoReply),
            _ => Ok(reply),
        }
    }
}
