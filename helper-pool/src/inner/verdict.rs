//! What is known of a call that has ended: by its result, and by what the pool has done meanwhile.

use mach_interface::{CallError, code};
use mach_ports::SendError;

use crate::error::{Fault, Loss, PoolError};
use crate::inner::acquire::{InFlight, Lease};
use crate::inner::seat::{GivenUp, Killed};
use crate::inner::state::State;

/// What a closure's result says of the helper.
pub(super) enum Verdict<T> {
    /// There are results.
    Fine(T),
    /// There are none, and the helper is as good as before.
    Sound(PoolError),
    /// No answer will come: the process will tell why.
    Silent,
    /// No answer came in time.
    Late,
    /// The helper is not to be trusted any more.
    Broken(Loss),
}

impl<T> Verdict<T> {
    pub(super) fn of(result: Result<T, Fault>) -> Self {
        let error = match result {
            Ok(results) => return Self::Fine(results),
            Err(Fault::Breach(reason)) => return Self::Broken(Loss::Breach(reason)),
            Err(Fault::Call(error)) => error,
        };
        match error {
            CallError::ServerDied | CallError::NotSent(SendError::DestinationDead) => Self::Silent,
            CallError::NoReplyInTime | CallError::NotSent(SendError::TimedOut(_)) => Self::Late,
            CallError::Failed(code::EXCEPTION) => Self::Broken(Loss::Panicked),
            CallError::Failed(code) => Self::Sound(PoolError::Failed(code)),
            error if is_callers(&error) => Self::Sound(PoolError::Call(error)),
            error => Self::Broken(Loss::Protocol(error)),
        }
    }
}

/// Whether a call failed for what is the caller's own.
fn is_callers(error: &CallError) -> bool {
    matches!(
        error,
        CallError::TooLong
            | CallError::NoRoom { .. }
            | CallError::NotSent(_)
            | CallError::ReplyPort(_)
            | CallError::Receive(_)
    )
}

/// What the pool itself has done meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Meanwhile {
    given_up: Option<GivenUp>,
    killed: Option<Killed>,
}

impl Meanwhile {
    pub(super) fn of(state: &mut State, lease: &Lease, flight: InFlight) -> Self {
        let serving = state.at(lease.seat);
        Self {
            given_up: serving
                .as_ref()
                .and_then(|serving| serving.flight(flight.id)?.given_up),
            killed: serving.and_then(|serving| serving.killed),
        }
    }

    /// The error of a call that has no results because of that.
    pub(super) fn error(self) -> Option<Result<Loss, PoolError>> {
        Some(match (self.given_up, self.killed) {
            (Some(GivenUp::Late(deadline)), _) => Ok(Loss::TimedOut(deadline)),
            (Some(GivenUp::Cancelled), _) => Err(PoolError::Cancelled),
            (None, Some(Killed::Memory { resident, limit })) => {
                Ok(Loss::Memory { resident, limit })
            }
            (None, Some(Killed::OtherCall | Killed::GivenUp)) => Ok(Loss::OtherCall),
            (None, Some(Killed::Stopped)) => Err(PoolError::Stopped),
            (None, None) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mach_interface::Refusal;
    use mach_ports::ReturnCode;

    /// What a failed call says of its helper.
    fn of(error: CallError) -> &'static str {
        match Verdict::<()>::of(Err(error.into())) {
            Verdict::Fine(()) => "fine",
            Verdict::Sound(PoolError::Failed(_)) => "its own code",
            Verdict::Sound(_) => "the caller's fault",
            Verdict::Silent => "silent",
            Verdict::Late => "late",
            Verdict::Broken(_) => "broken",
        }
    }

    #[test]
    fn a_helper_is_blamed_for_what_is_its_own() {
        let code = ReturnCode::new(5);
        assert_eq!(of(CallError::Failed(code)), "its own code");
        assert_eq!(of(CallError::Failed(code::EXCEPTION)), "broken");
        assert_eq!(of(CallError::Malformed(code)), "broken");
        assert_eq!(of(CallError::Refused(Refusal::BadId)), "broken");
        assert_eq!(of(CallError::ServerDied), "silent");
        assert_eq!(of(CallError::NotSent(SendError::DestinationDead)), "silent");
        assert_eq!(of(CallError::NoReplyInTime), "late");
        assert_eq!(of(CallError::TooLong), "the caller's fault");
        assert_eq!(of(CallError::NoRoom { count: 9 }), "the caller's fault");
        assert_eq!(
            of(CallError::NotSent(SendError::TooLarge)),
            "the caller's fault"
        );
        let short = mach_ports::ReceiveError::PortChanged;
        assert_eq!(of(CallError::Receive(short)), "the caller's fault");
    }
}
