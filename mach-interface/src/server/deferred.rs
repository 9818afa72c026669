//! Replies that come later.

use std::marker::PhantomData;

use mach_ports::{ReplyRight, ReturnCode};

use crate::code;
use crate::kind::Kinds;
use crate::server::{Outcome, Reply};
use crate::wire;

/// The right to answer a request with results `O`, later and from any thread: the argument of a deferred routine.
///
/// Dropped, it drops the reply right, and the caller learns at once that no reply will come
/// ([`CallError::ServerDied`](crate::CallError::ServerDied)); dropped by a panic, it answers
/// [`EXCEPTION`](code::EXCEPTION).
pub struct DeferredReply<O> {
    id: i32,
    to: Option<ReplyRight>,
    results: PhantomData<fn(O)>,
}

/// What a deferred routine returns: it has the right to reply, and will use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferred;

impl<O: Kinds> DeferredReply<O> {
    pub(super) const fn new(id: i32, to: Option<ReplyRight>) -> Self {
        Self {
            id,
            to,
            results: PhantomData,
        }
    }

    /// The right to answer a request with this id by a right that came in another way, for example as the reply port of
    /// a simple routine.
    #[must_use]
    pub const fn from_parts(request: i32, to: Option<ReplyRight>) -> Self {
        Self::new(request, to)
    }

    /// Answers with results. A caller that has given up does not get them.
    pub fn reply(self, results: O::Returned) {
        self.send(results);
    }

    /// Like [`reply`](Self::reply), and says whether the results were sent: `false` if the caller has given up or is gone.
    /// One that is there may still not read them.
    pub fn try_reply(self, results: O::Returned) -> bool {
        // Mach fact 31: a send to a dead port may succeed, unless somebody has looked.
        self.is_awaited() && self.send(results)
    }

    fn send(mut self, results: O::Returned) -> bool {
        let Some(to) = self.to.take() else {
            return false;
        };
        match wire::reply::<O>(self.id, results) {
            Ok(message) => Reply { message, to }.try_send(),
            Err(too_long) => {
                Outcome::failed(self.id, Some(to), too_long.into()).send();
                false
            }
        }
    }
}

impl<O> DeferredReply<O> {
    /// Answers that the routine has failed.
    pub fn fail(mut self, code: impl Into<ReturnCode>) {
        Outcome::failed(self.id, self.to.take(), code.into()).send();
    }

    /// Whether somebody waits for the answer; `false` also if the caller's port is gone by now.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        match &self.to {
            Some(ReplyRight::SendOnce(right)) => !right.is_dead(),
            Some(ReplyRight::Send(right)) => !right.is_dead(),
            None => false,
        }
    }
}

impl<O> Drop for DeferredReply<O> {
    fn drop(&mut self) {
        if self.to.is_some() && std::thread::panicking() {
            Outcome::failed(self.id, self.to.take(), code::EXCEPTION).send();
        }
    }
}

impl<O> std::fmt::Debug for DeferredReply<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeferredReply")
            .field("id", &self.id)
            .field("to", &self.to)
            .finish()
    }
}
