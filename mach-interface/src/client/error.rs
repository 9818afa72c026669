//! Why a call brought no results.

use mach_ports::{Error, ReceiveError, ReturnCode, SendError};

use crate::code::{self, Refusal};

/// Why a call brought no results.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The caller's side: an argument is longer than its bound, or cannot be written. Nothing was sent, and what was to
    /// be moved has been released.
    #[error("nothing was sent: an argument has more elements than the interface allows")]
    TooLong,
    /// The request was not sent. What it was to move has been released.
    #[error("the request was not sent")]
    NotSent(#[source] SendError),
    /// The server's side: it has the request, or will get it, but did not answer in time. A late answer reaches
    /// nobody.
    #[error("no reply came until the deadline")]
    NoReplyInTime,
    /// The server's side: it died, or dropped the right to reply.
    #[error("the server died, or dropped the request without a reply")]
    ServerDied,
    /// The server's side: its reply is not what the interface says. It has been destroyed.
    #[error("the server's reply is malformed: {0}")]
    Malformed(ReturnCode),
    /// The server's side: it has more to say than the caller has room for.
    #[error("the result has {count} elements, more than there is room for")]
    NoRoom {
        /// How many elements there are.
        count: usize,
    },
    /// Either side: the server did not take the request for one of the routine. The two have different interfaces.
    #[error("the server refused the request: {0}")]
    Refused(Refusal),
    /// The routine's own code.
    #[error("the routine failed: {0}")]
    Failed(ReturnCode),
    /// This task is short of a resource, so no reply port could be made.
    #[error("no reply port could be made")]
    ReplyPort(#[source] Error),
    /// This task is short of a resource, so the reply port could not be watched for the task that waits.
    #[error("the reply port could not be watched")]
    Watch(#[source] mach_ports::dispatch::DispatchError),
    /// The reply could not be received.
    #[error("the reply could not be received")]
    Receive(#[source] ReceiveError),
}

mach_ports::debug_with_causes!(CallError);

impl CallError {
    /// A code that came in a reply.
    pub(crate) fn of_code(code: ReturnCode) -> Self {
        match Refusal::from_code(code) {
            Some(refusal) => Self::Refused(refusal),
            None => Self::Failed(code),
        }
    }

    /// A reply that was not received.
    pub(crate) fn of_receive(error: ReceiveError) -> Self {
        match error {
            ReceiveError::TimedOut => Self::NoReplyInTime,
            // MACH_RCV_TOO_LARGE: no honest reply is.
            ReceiveError::TooLarge { .. } => Self::Malformed(ReturnCode::new(0x1000_4004)),
            error => Self::Receive(error),
        }
    }

    /// What C's client stub would return.
    #[must_use]
    pub fn code(&self) -> ReturnCode {
        match self {
            Self::TooLong | Self::NoRoom { .. } => code::ARRAY_TOO_LARGE,
            Self::NotSent(SendError::DestinationDead) => ReturnCode::new(0x1000_0003),
            Self::NotSent(SendError::TimedOut(_)) => ReturnCode::new(0x1000_0004),
            Self::NotSent(SendError::TooLarge) => ReturnCode::new(0x1000_000e),
            Self::NotSent(SendError::Refused(error) | SendError::Broken(error))
            | Self::ReplyPort(error)
            | Self::Receive(ReceiveError::Damaged(error) | ReceiveError::Failed(error)) => {
                error.code()
            }
            Self::NotSent(_) => ReturnCode::new(0x1000_0002),
            Self::Watch(_) => ReturnCode::RESOURCE_SHORTAGE,
            Self::NoReplyInTime => ReturnCode::new(0x1000_4003),
            Self::Receive(ReceiveError::PortChanged) => ReturnCode::new(0x1000_4006),
            Self::Receive(_) => ReturnCode::new(0x1000_4004),
            Self::ServerDied => code::SERVER_DIED,
            Self::Malformed(code) | Self::Failed(code) => *code,
            Self::Refused(refusal) => refusal.code(),
        }
    }
}
