//! What a request for a lock comes to.

use std::fmt;

/// The outcome of a request, as it stands in replies: 0, or an `errno` of the system that runs the service.
///
/// The set is open, so this is a number with named constants and not an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(i32);

/// Names the statuses, and says what they mean where they are shown.
macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:expr, $text:literal;)*) => {
        impl Status {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// What it means, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    _ => "an unknown status",
                }
            }
        }
    };
}

statuses! {
    /// The lock is the caller's.
    GRANTED = 0, "granted";
    /// `EPERM`: the caller is not of the user that the service is for.
    NOT_PERMITTED = libc::EPERM, "the service is for another user";
    /// `EAGAIN`: the service does not know its volumes yet.
    NOT_READY = libc::EAGAIN, "the service is not set up yet";
    /// `ENOLCK`: the machine is being shut down; volumes are locked no more.
    SHUTTING_DOWN = libc::ENOLCK, "the machine is being shut down";
    /// `ENOENT`: there is no such volume, or no lock with such a number.
    UNKNOWN = libc::ENOENT, "there is no such volume or lock";
    /// `EBUSY`: somebody else has it, and the caller does not wait.
    BUSY = libc::EBUSY, "somebody else has the lock";
    /// `EALREADY`: the reboot lock is held.
    ALREADY = libc::EALREADY, "the machine is being shut down by somebody else";
    /// `ETIMEDOUT`: it was not free until the deadline.
    TIMED_OUT = libc::ETIMEDOUT, "the lock was not free in time";
    /// `ESTALE`: the lease had ended, and the lock with it.
    LEASE_OVER = libc::ESTALE, "the lease is over";
    /// `ECANCELED`: the caller took its request back.
    CANCELLED = libc::ECANCELED, "the request was taken back";
    /// `EINVAL`: the request contradicts itself.
    INVALID = libc::EINVAL, "the request is not valid";
    /// `ENOSPC`: the caller has as many locks as the service allows.
    TOO_MANY = libc::ENOSPC, "the caller has too many locks";
}

impl Status {
    /// The status with this number.
    #[must_use]
    pub const fn new(errno: i32) -> Self {
        Self(errno)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// Whether the lock was granted.
    #[must_use]
    pub const fn is_granted(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.meaning(), self.0)
    }
}
