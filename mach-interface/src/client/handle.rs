//! A typed call.

use std::time::{Duration, Instant};

use mach_ports::{ReceiveOptions, ReceivedMessage, SendError, SendOptions, SendRight};

use crate::client::reply_port::ReplyPort;
use crate::client::{Answer, CallError, Limits, ReplyTo};
use crate::kind::Kinds;
use crate::wire::{self, Reply, Taker, check_reply};

/// A right to send to a server, and how long its calls may take. The clients that `#[subsystem]` makes are these with
/// the routines' names.
#[derive(Debug, Clone)]
pub struct Client {
    right: SendRight,
    limits: Limits,
}

impl Client {
    /// Calls by this right, which wait for ever.
    #[must_use]
    pub const fn new(right: SendRight) -> Self {
        Self {
            right,
            limits: Limits::NONE,
        }
    }

    /// Gives each call so long, from sending to the reply; `None` is for ever.
    #[must_use]
    pub fn with_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let limits = self.limits.wait(timeout);
        self.with_limits(limits)
    }

    /// Limits each call.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How long each call may take.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The right that requests go by.
    #[must_use]
    pub const fn right(&self) -> &SendRight {
        &self.right
    }

    /// Gives the right back.
    #[must_use]
    pub fn into_right(self) -> SendRight {
        self.right
    }

    /// Calls a routine.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn call<I: Kinds, O: Kinds>(
        &self,
        id: i32,
        arguments: I::Given<'_>,
    ) -> Result<O::Received, CallError> {
        Ok(self.exchange::<I, O>(self.limits, id, arguments)?.results)
    }

    /// As [`call`](Self::call), with limits of its own, and saying who replied.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn exchange<I: Kinds, O: Kinds>(
        &self,
        limits: Limits,
        id: i32,
        arguments: I::Given<'_>,
    ) -> Result<Answer<O::Received>, CallError> {
        let (message, rooms) = wire::request::<I>(id, arguments).map_err(|_| CallError::TooLong)?;

        let reply_port = ReplyPort::get().map_err(CallError::ReplyPort)?;
        // Never, if that is further away than the clock reaches.
        let deadline = limits
            .to_wait()
            .and_then(|limit| Instant::now().checked_add(limit));
        let to_send = SendOptions::new().timeout(limits.to_send());
        let sent = message
            .reply_to_make_send_once(reply_port.port())
            .send(&self.right, &to_send);
        match sent {
            Ok(()) => {}
            Err(error @ SendError::DestinationDead) => {
                // No reply can come.
                reply_port.keep();
                return Err(CallError::NotSent(error));
            }
            Err(error) => return Err(CallError::NotSent(error)),
        }
        let options = ReceiveOptions::new()
            .max_size(O::SHAPE.largest_reply())
            .timeout(left(deadline));
        let mut reply = reply_port
            .port()
            .receive(&options)
            .map_err(CallError::of_receive)?;
        reply_port.keep();
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
    pub fn send<I: Kinds>(&self, id: i32, arguments: I::Given<'_>) -> Result<(), CallError> {
        self.post::<I>(self.limits, id, arguments, None)
    }

    /// Calls a routine that has no reply to this call, but is told a port.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn send_with_reply_port<'a, I: Kinds>(
        &self,
        id: i32,
        arguments: I::Given<'a>,
        port: &'a mach_ports::ReceiveRight,
    ) -> Result<(), CallError> {
        let to = ReplyTo::MakeSendOnce(port);
        self.post::<I>(self.limits, id, arguments, Some(to))
    }

    /// As [`send`](Self::send), with limits of its own, and maybe with a right to reply.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn post<'a, I: Kinds>(
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
        message
            .send(&self.right, &SendOptions::new().timeout(limits.to_send()))
            .map_err(CallError::NotSent)
    }
}

/// What is left of the time.
fn left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// The results in a reply.
pub(crate) fn results<O: Kinds>(
    id: i32,
    reply: &mut ReceivedMessage,
    rooms: &[u32],
) -> Result<O::Received, CallError> {
    match check_reply::<O>(id, reply.bytes()) {
        Ok(Reply::Values) => {
            let mut taker = Taker::new(reply, O::SHAPE.reply_inline_at(), rooms);
            let results =
                O::take(&mut taker).map_err(|refusal| CallError::Malformed(refusal.code()))?;
            match taker.overflow() {
                Some(count) => Err(CallError::NoRoom { count }),
                None => Ok(results),
            }
        }
        Ok(Reply::Failed(code)) => Err(CallError::of_code(code)),
        Err(crate::code::SERVER_DIED) => Err(CallError::ServerDied),
        Err(code) => Err(CallError::Malformed(code)),
    }
}
