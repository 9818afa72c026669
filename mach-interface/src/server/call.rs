//! From a request to a routine and back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mach_ports::{AuditToken, Name, ReceivedMessage, ReplyRight, ReturnCode};

use crate::code::{self, Refusal};
use crate::kind::Kinds;
use crate::server::{Deferred, DeferredReply, Outcome, Reply, Request, SimpleResult};
use crate::wire::{self, Taker, check_request};

/// What a routine may know of its call, beside the arguments.
#[derive(Debug)]
pub struct Call<'m> {
    message: &'m ReceivedMessage,
    reply: Option<ReplyRight>,
}

/// Why a routine has no results: a code, or a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure(ReturnCode);

impl Failure {
    /// A routine's own code.
    pub fn of(code: impl Into<ReturnCode>) -> Self {
        Self(code.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.code())
    }
}

impl Call<'_> {
    /// Who sent the request, by the kernel's word.
    ///
    /// # Errors
    ///
    /// The trailer does not say.
    pub fn caller(&self) -> Result<AuditToken, Refusal> {
        self.message.audit_token().ok_or(Refusal::Trailer)
    }

    /// The name of the port that the request came to.
    #[must_use]
    pub fn request_port(&self) -> Name {
        self.message.port()
    }

    /// The context of the port that the request came to.
    ///
    /// # Errors
    ///
    /// The port is gone.
    pub fn context(&self) -> Result<u64, Refusal> {
        self.message.port_context().map_err(|_| Refusal::Trailer)
    }

    /// The number of the request in the order of the port's messages.
    ///
    /// # Errors
    ///
    /// The trailer does not say.
    pub fn sequence_number(&self) -> Result<u32, Refusal> {
        self.message.sequence_number().ok_or(Refusal::Trailer)
    }

    /// Takes the right to reply, which then is the routine's.
    pub const fn reply_port(&mut self) -> Option<ReplyRight> {
        self.reply.take()
    }

    /// Takes the right to reply, to do so later.
    pub fn defer<O: Kinds>(&mut self) -> DeferredReply<O> {
        DeferredReply::new(self.message.id(), self.reply.take())
    }
}

/// What a panic becomes.
fn guarded<T>(routine: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // What the routine has left half-done is its own: the trait's `&self` is shared between calls in any case.
    catch_unwind(AssertUnwindSafe(routine)).unwrap_or(Err(Failure(code::EXCEPTION)))
}

/// Checks a request, takes its arguments and calls a routine.
fn run<I: Kinds, T>(
    request: Request,
    routine: impl FnOnce(I::Received, &mut Call<'_>) -> Result<T, Failure>,
) -> (i32, Option<ReplyRight>, Result<T, Failure>) {
    let Request { mut message, reply } = request;
    let id = message.id();
    if let Err(refusal) = check_request::<I>(message.bytes()) {
        return (id, reply, Err(refusal.into()));
    }
    let mut taker = Taker::new(&mut message, I::SHAPE.request_inline_at(), &[]);
    let arguments = match I::take(&mut taker) {
        Ok(arguments) => arguments,
        Err(refusal) => return (id, reply, Err(refusal.into())),
    };
    let mut call = Call {
        message: &message,
        reply,
    };
    let result = guarded(|| routine(arguments, &mut call));
    (id, call.reply, result)
}

/// Answers a request by a routine with arguments `I` and results `O`. A request that is refused, and one whose routine
/// fails, loses all its rights and its memory: what the routine was given has been dropped by then.
pub fn routine<I: Kinds, O: Kinds>(
    request: Request,
    routine: impl FnOnce(I::Received, &mut Call<'_>) -> Result<O::Returned, Failure>,
) -> Outcome {
    let (id, reply, result) = run::<I, _>(request, routine);
    let Some(to) = reply else {
        return Outcome::Nothing;
    };
    match result.and_then(|results| wire::reply::<O>(id, results).map_err(Failure::of)) {
        Ok(message) => Outcome::Reply(Reply { message, to }),
        Err(Failure(code)) => Outcome::failed(id, Some(to), code),
    }
}

/// Answers a request by a routine that has no reply. If the caller gave a reply port all the same, and the routine did
/// not take it, the code is sent there.
pub fn simple_routine<I: Kinds, R: SimpleResult>(
    request: Request,
    routine: impl FnOnce(I::Received, &mut Call<'_>) -> Result<R, Failure>,
) -> Outcome {
    let (id, reply, result) = run::<I, _>(request, routine);
    let code = match result {
        Ok(result) => result.code(),
        Err(Failure(code)) => code,
    };
    Outcome::failed(id, reply, code)
}

/// Answers a request by a routine that replies later.
pub fn deferred_routine<I: Kinds>(
    request: Request,
    routine: impl FnOnce(I::Received, &mut Call<'_>) -> Result<Deferred, Failure>,
) -> Outcome {
    match run::<I, _>(request, routine) {
        (_, _, Ok(Deferred)) => Outcome::Nothing,
        (id, reply, Err(Failure(code))) => Outcome::failed(id, reply, code),
    }
}
