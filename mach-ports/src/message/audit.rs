//! Who sent a message, by the kernel's word.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use crate::ffi::{extra, message as raw};
use crate::message::layout::AuditTrailer;

/// The sender of a message at the moment of sending: `audit_token_t`.
///
/// It comes from the trailer, which the kernel writes behind the message; no part of the message itself
/// can say who sent it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct AuditToken(raw::audit_token_t);

/// Which word is the process id.
const PID: usize = 5;

/// Defines an accessor on top of its C counterpart.
macro_rules! accessors {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $call:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> $type {
            // SAFETY: the function only picks a word of its argument.
            unsafe { extra::$call(self.0) }
        }
    )*};
}

impl AuditToken {
    accessors! {
        /// The process id. 0 is the kernel; -1, on Linux only, a process outside this one's pid namespace.
        pid: i32 = audit_token_to_pid;
        /// Tells processes that had one id apart; on macOS also the programs that one of them executed. On Linux it is 0, but
        /// for messages to a port that [asks](crate::ReceiveRight::identify_senders).
        pid_version: i32 = audit_token_to_pidversion;
        /// The effective user id.
        euid: u32 = audit_token_to_euid;
        /// The effective group id.
        egid: u32 = audit_token_to_egid;
        /// The real user id.
        ruid: u32 = audit_token_to_ruid;
        /// The real group id.
        rgid: u32 = audit_token_to_rgid;
    }

    /// A token that says no more than which process id it is of: for questions about a process that has sent nothing.
    #[must_use]
    pub fn of_process(pid: i32) -> Self {
        let mut val = [0; 8];
        val[PID] = pid.cast_unsigned();
        Self(raw::audit_token_t { val })
    }

    /// The token as C code knows it.
    #[must_use]
    pub fn raw(&self) -> raw::audit_token_t {
        self.0
    }

    /// Whether the kernel itself is the sender, as of notifications: all zero.
    #[must_use]
    pub fn is_kernel(&self) -> bool {
        self.0.val == [0; 8]
    }
}

impl From<raw::audit_token_t> for AuditToken {
    fn from(token: raw::audit_token_t) -> Self {
        Self(token)
    }
}

impl From<&AuditTrailer> for AuditToken {
    fn from(trailer: &AuditTrailer) -> Self {
        Self(raw::audit_token_t { val: trailer.audit })
    }
}

impl std::fmt::Debug for AuditToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditToken")
            .field("pid", &self.pid())
            .field("euid", &self.euid())
            .field("egid", &self.egid())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_where_the_kernel_puts_them() {
        let token = AuditToken::from(raw::audit_token_t {
            val: [9, 10, 11, 12, 13, 14, 15, 16],
        });
        let read = (token.euid(), token.egid(), token.ruid(), token.rgid());
        assert_eq!(read, (10, 11, 12, 13));
        assert_eq!((token.pid(), token.pid_version()), (14, 16));
        assert_eq!(AuditToken::of_process(14).pid(), 14);
        assert!(!token.is_kernel());
        assert!(AuditToken::from(raw::audit_token_t { val: [0; 8] }).is_kernel());
    }
}
