//! Who somebody is, in the older and shorter form.

use mach_ports::AuditToken;

/// The user and the group of a message's sender: `security_token_t`. An [`AuditToken`] says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: C's has these two words.
pub struct SecurityToken {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
}

impl From<AuditToken> for SecurityToken {
    fn from(token: AuditToken) -> Self {
        Self {
            uid: token.euid(),
            gid: token.egid(),
        }
    }
}
