//! A right whose kind is known at run time only.

use crate::calls::Name;
use crate::right::kind::RightKind;
use crate::right::owned::Right;
use crate::right::receive::ReceiveRight;
use crate::right::send::SendRight;
use crate::right::send_once::SendOnceRight;

/// An owned right of any kind.
#[derive(Debug)]
// Exhaustive, as the kinds of right are.
pub enum AnyRight {
    /// A receive right.
    Receive(ReceiveRight),
    /// A send right.
    Send(SendRight),
    /// A send-once right.
    SendOnce(SendOnceRight),
}

impl AnyRight {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> RightKind {
        match self {
            Self::Receive(_) => RightKind::Receive,
            Self::Send(_) => RightKind::Send,
            Self::SendOnce(_) => RightKind::SendOnce,
        }
    }

    /// The name under which the task holds it.
    #[must_use]
    pub fn name(&self) -> Name {
        match self {
            Self::Receive(right) => right.name(),
            Self::Send(right) => right.name(),
            Self::SendOnce(right) => right.name(),
        }
    }

    /// Gives up ownership without releasing the reference.
    #[must_use = "the reference is never released unless the name is owned again"]
    pub fn into_raw(self) -> (Name, RightKind) {
        let kind = self.kind();
        let name = match self {
            Self::Receive(right) => right.into_raw(),
            Self::Send(right) => right.into_raw(),
            Self::SendOnce(right) => right.into_raw(),
        };
        (name, kind)
    }

    /// Takes ownership of one reference; `None` for `MACH_PORT_NULL` and `MACH_PORT_DEAD`.
    ///
    /// # Safety
    ///
    /// As for [`Right::from_raw`] of the type that `kind` names.
    #[must_use]
    pub unsafe fn from_raw(name: Name, kind: RightKind) -> Option<Self> {
        // SAFETY: the caller's promise is the one asked for.
        unsafe {
            Some(match kind {
                RightKind::Receive => Self::Receive(<ReceiveRight as Right>::from_raw(name)?),
                RightKind::Send => Self::Send(<SendRight as Right>::from_raw(name)?),
                RightKind::SendOnce => Self::SendOnce(<SendOnceRight as Right>::from_raw(name)?),
            })
        }
    }
}

impl From<ReceiveRight> for AnyRight {
    fn from(right: ReceiveRight) -> Self {
        Self::Receive(right)
    }
}

impl From<SendRight> for AnyRight {
    fn from(right: SendRight) -> Self {
        Self::Send(right)
    }
}

impl From<SendOnceRight> for AnyRight {
    fn from(right: SendOnceRight) -> Self {
        Self::SendOnce(right)
    }
}

/// Releases one reference that a message's descriptor or header says is held under a name.
pub(crate) fn release(name: Name, kind: RightKind) {
    // SAFETY: the caller owns the reference and gives it up here.
    drop(unsafe { AnyRight::from_raw(name, kind) });
}
