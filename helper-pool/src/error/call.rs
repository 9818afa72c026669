use std::time::Duration;

use mach_interface::CallError;
use mach_ports::ReturnCode;

use crate::error::{LostHelper, NoHelper};

/// Why a call has no results.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The helper is sound and says no: the routine's own code.
    #[error("the routine failed: {0}")]
    Failed(ReturnCode),
    /// The caller's side: an argument is too long, a result has no room, or this process is short of something. The
    /// helper is not to blame, and stays.
    #[error(transparent)]
    Call(CallError),
    /// The helper was lost over the call. Another one takes its place.
    #[error(transparent)]
    Lost(#[from] LostHelper),
    /// No helper can be started.
    #[error(transparent)]
    NoHelper(#[from] NoHelper),
    /// All helpers stayed busy for as long as the call may wait for one.
    #[error("no helper became free within {0:?}")]
    NotInTime(Duration),
    /// So many jobs wait already.
    #[error("{0} jobs wait already, which is the queue's limit")]
    QueueFull(usize),
    /// The caller's [`CancelToken`](crate::CancelToken) was used. A helper that was at work on the call has been replaced.
    #[error("the call was cancelled")]
    Cancelled,
    /// The pool was stopped.
    #[error("the pool has been stopped")]
    Stopped,
    /// The session's helper was lost over an earlier call of the session.
    #[error("the session's helper is lost: check out another one")]
    SessionOver,
    /// A job that was given to the pool panicked, in this process.
    #[error("the job panicked in this process")]
    JobPanicked,
}

mach_ports::debug_with_causes!(PoolError);

impl PoolError {
    /// How the helper was lost, if it was.
    #[must_use]
    pub fn loss(&self) -> Option<&crate::Loss> {
        match self {
            Self::Lost(lost) => Some(lost.loss()),
            _ => None,
        }
    }
}
