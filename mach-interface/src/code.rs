//! The codes of `mach/mig_errors.h`.

use mach_ports::ReturnCode;

/// `MIG_TYPE_ERROR`: a descriptor is not of the type that the interface says.
pub const TYPE_ERROR: ReturnCode = ReturnCode::new(-300);
/// `MIG_REPLY_MISMATCH`: the reply's id is not the request's plus 100.
pub const REPLY_MISMATCH: ReturnCode = ReturnCode::new(-301);
/// `MIG_BAD_ID`: no routine has this id.
pub const BAD_ID: ReturnCode = ReturnCode::new(-303);
/// `MIG_BAD_ARGUMENTS`: the message has not the size or the form of its routine.
pub const BAD_ARGUMENTS: ReturnCode = ReturnCode::new(-304);
/// `MIG_NO_REPLY`: what a routine returns so that nothing is answered.
pub const NO_REPLY: ReturnCode = ReturnCode::new(-305);
/// `MIG_EXCEPTION`: the routine raised an exception; here, it panicked.
pub const EXCEPTION: ReturnCode = ReturnCode::new(-306);
/// `MIG_ARRAY_TOO_LARGE`: an array is longer than its bound, or than the caller's room.
pub const ARRAY_TOO_LARGE: ReturnCode = ReturnCode::new(-307);
/// `MIG_SERVER_DIED`: the right to reply was dropped.
pub const SERVER_DIED: ReturnCode = ReturnCode::new(-308);
/// `MIG_TRAILER_ERROR`: the trailer has not what the routine wants to know.
pub const TRAILER_ERROR: ReturnCode = ReturnCode::new(-309);

/// Why a request is refused before its routine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
// Exhaustive: MIG has no other refusals.
pub enum Refusal {
    /// No routine has the id.
    #[error("no routine has this id")]
    BadId,
    /// The size, the descriptor count or an inline count is wrong.
    #[error("the message has not the size or the form of its routine")]
    BadArguments,
    /// A descriptor is of another type or brings another right, or its size is not that of the inline count.
    #[error("a descriptor is not of the type that the interface says")]
    Type,
    /// The trailer lacks what the routine wants to know.
    #[error("the trailer does not say what the routine wants to know")]
    Trailer,
}

impl Refusal {
    /// MIG's number.
    #[must_use]
    pub const fn code(self) -> ReturnCode {
        match self {
            Self::BadId => BAD_ID,
            Self::BadArguments => BAD_ARGUMENTS,
            Self::Type => TYPE_ERROR,
            Self::Trailer => TRAILER_ERROR,
        }
    }

    /// The refusal with this number.
    #[must_use]
    pub fn from_code(code: ReturnCode) -> Option<Self> {
        [Self::BadId, Self::BadArguments, Self::Type, Self::Trailer]
            .into_iter()
            .find(|refusal| refusal.code() == code)
    }
}

impl From<Refusal> for ReturnCode {
    fn from(refusal: Refusal) -> Self {
        refusal.code()
    }
}
