//! How long calls may take.

use std::time::Duration;

/// How long a call may take: MIG's `WaitTime` and `SendTime`. Without either it takes as long as it takes.
///
/// ```
/// use std::time::Duration;
/// use mach_interface::Limits;
///
/// let general = Limits::NONE.wait(Duration::from_secs(10));
/// let of_this_call = Limits::NONE.send(Duration::ZERO).or(general);
/// assert_eq!(of_this_call, Limits::NONE.wait(Duration::from_secs(10)).send(Duration::ZERO));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    wait: Option<Duration>,
    send: Option<Duration>,
}

impl Limits {
    /// None.
    pub const NONE: Self = Self {
        wait: None,
        send: None,
    };

    /// So long from sending to the reply; `None` is for ever. Sending alone then has no other limit.
    #[must_use]
    pub fn wait(self, limit: impl Into<Option<Duration>>) -> Self {
        Self {
            wait: limit.into(),
            ..self
        }
    }

    /// So long until there is room in the server's queue; `None` is for ever. The reply may take longer.
    #[must_use]
    pub fn send(self, limit: impl Into<Option<Duration>>) -> Self {
        Self {
            send: limit.into(),
            ..self
        }
    }

    /// What is not limited here, as it is there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            wait: self.wait.or(other.wait),
            send: self.send.or(other.send),
        }
    }

    pub(super) const fn to_wait(self) -> Option<Duration> {
        self.wait
    }

    /// How long sending may take. With a limit to the whole call, that is the limit (MIG's `WaitTime` wins as well).
    pub(super) fn to_send(self) -> Option<Duration> {
        self.wait.or(self.send)
    }
}
