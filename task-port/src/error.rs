//! What can go wrong at the parent's side.

use mach_interface::CallError;
use mach_ports::dispatch::DispatchError;
use mach_ports::{Error, ReceiveError};

/// Why the parent has not got a child's task port.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The child's side: it has taken its ports and does not offer its task port, or it is gone.
    #[error(
        "the child does not offer its task port: it must agree by `ConnectOptions::offer_task_port`, or it has exited"
    )]
    NotOffered,
    /// The child's side: it has not taken its ports until the deadline.
    #[error("the child has not offered its task port until the deadline")]
    TimedOut,
    /// The child's side: what came is no offer, or came from another process.
    #[error("what came is not the offer of the child's own process")]
    NoOffer,
    /// The launcher's side: the child was launched without `Launcher::task_port`.
    #[error("the child was launched without asking for its task port")]
    NotAsked,
    /// This task's side: the offer could not be received.
    #[error("the offer could not be received")]
    Receive(#[source] ReceiveError),
}

/// Why a call by a task port failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The child is gone, or has taken its offer back.
    #[error("the task is gone, or its port has been revoked")]
    Gone,
    /// The call failed there, or did not come to an end: see the cause.
    #[error("the call failed in the other task")]
    Call(#[source] CallError),
    /// This task's side: no port could be made that waits for a notification.
    #[error("there is no port for the notification")]
    Port(#[source] Error),
    /// This task's side: nobody could be made to wait for a notification.
    #[error("nobody can wait for the notification")]
    Dispatch(#[source] DispatchError),
}

impl From<CallError> for TaskError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::ServerDied | CallError::NotSent(mach_ports::SendError::DestinationDead) => {
                Self::Gone
            }
            error => Self::Call(error),
        }
    }
}

mach_ports::debug_with_causes!(AcceptError, TaskError);
