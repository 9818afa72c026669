//! Sending.

use std::time::Duration;

use tokio::task::coop::consume_budget;

use crate::error::Error;
use crate::message::{Message, SendError, SendOptions};
use crate::right::SendRight;
use crate::tokio::room;
use crate::tokio::time::Deadline;

impl<'m> Message<'m> {
    /// Sends the message by a send right, which is kept, and waits while the queue is full: the back-pressure of
    /// [`send`](Self::send), for a task. The timeout is by the runtime's time; one of zero does not wait.
    ///
    /// If the future is dropped before it is ready the message was not sent, and the rights that it was to move are released.
    /// To have them back set a deadline: a message that is late comes back in the error. Or wait for
    /// [`SendRight::send_possible`] before, and send without waiting.
    ///
    /// While it waits it has a [send-possible request](SendRight::request_send_possible) at the right. A request that
    /// somebody else has there stays; it then looks from time to time instead. Whoever takes the place by a raw Mach call keeps the task
    /// from being woken. A queue limit that is raised in another process wakes nobody; the next message that is received there does.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    ///
    /// # Panics
    ///
    /// If it has to wait outside a tokio runtime, or in one without timers (`enable_time`).
    pub fn send_async<'a>(
        self,
        to: &'a SendRight,
        options: &SendOptions,
    ) -> impl Future<Output = Result<(), SendError>> + use<'a, 'm> {
        // The future has options of its own, so that it may outlive these.
        self.send_by(to, *options)
    }

    async fn send_by(self, to: &SendRight, options: SendOptions) -> Result<(), SendError> {
        consume_budget().await;
        let at_once = SendOptions::new().timeout(Duration::ZERO);
        let mut sent = self.send(to, &at_once);
        if options.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return sent;
        }
        let deadline = Deadline::after(options.timeout);
        loop {
            let returned = match sent {
                Err(SendError::TimedOut(returned)) => returned,
                sent => return sent,
            };
            match deadline.limit(to.send_possible()).await {
                Some(Ok(())) => {}
                Some(Err(error)) => return Err(SendError::Refused(error)),
                None => return Err(SendError::TimedOut(returned)),
            }
            sent = returned.resend(&at_once);
        }
    }
}

impl SendRight {
    /// Waits until a message may have room in the queue, or the port is dead: a send that does not wait will say which. Others
    /// may take the room first.
    ///
    /// If there is room already it is ready as soon as the kernel has said so. Nothing is lost if the future is dropped.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    ///
    /// # Panics
    ///
    /// As [`Message::send_async`].
    pub async fn send_possible(&self) -> Result<(), Error> {
        room::wait_for(self).await
    }
}
