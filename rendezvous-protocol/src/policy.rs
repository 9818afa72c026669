use mach_ports::AuditToken;

use crate::{PeerRequirement, Unmet};

/// What an unmet [`PeerRequirement`] leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum PeerPolicy {
    /// Nothing: the requirement is not even checked.
    None,
    /// A warning in the log. To learn what a requirement would break.
    ValidateOnly,
    /// The rendezvous is refused and its ports are released.
    #[default]
    Enforce,
}

/// A requirement and what comes of failing it.
#[derive(Debug, Clone)]
// Exhaustive: both sides build it from what their callers gave, and a check has no third part.
pub struct PeerCheck {
    /// What the peer must be.
    pub requirement: PeerRequirement,
    /// What happens if it is not.
    pub policy: PeerPolicy,
}

impl PeerCheck {
    /// Whether the peer must be looked at before it says something as well as afterwards, for its token does not tell which
    /// of its programs has said it.
    #[must_use]
    pub fn needs_two_looks(&self) -> bool {
        self.policy == PeerPolicy::Enforce
            && self.requirement.names_program()
            && !mach_ports::platform::TOKENS_NAME_PROGRAMS
    }

    /// Decides whether to go on with the peer that `token` describes.
    ///
    /// # Errors
    /// The property that the peer lacks, under [`PeerPolicy::Enforce`] only.
    pub fn judge(&self, token: &AuditToken) -> Result<(), Unmet> {
        if self.policy == PeerPolicy::None {
            return Ok(());
        }
        let Err(unmet) = self.requirement.check(token) else {
            return Ok(());
        };
        tracing::warn!(pid = token.pid(), policy = ?self.policy, %unmet, "peer requirement not met");
        match self.policy {
            PeerPolicy::Enforce => Err(unmet),
            PeerPolicy::ValidateOnly | PeerPolicy::None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn only_enforcement_refuses_and_none_does_not_look() {
        for (policy, refused, looked) in [
            (PeerPolicy::None, false, 0),
            (PeerPolicy::ValidateOnly, false, 1),
            (PeerPolicy::Enforce, true, 1),
        ] {
            let looks = Arc::new(AtomicUsize::new(0));
            let seen = Arc::clone(&looks);
            let requirement = PeerRequirement::predicate(move |_| {
                seen.fetch_add(1, Ordering::Relaxed);
                false
            });
            let token = mach_ports::ffi::message::audit_token_t { val: [0; 8] }.into();
            let verdict = PeerCheck {
                requirement,
                policy,
            }
            .judge(&token);
            assert_eq!(verdict.is_err(), refused, "{policy:?}");
            assert_eq!(looks.load(Ordering::Relaxed), looked, "{policy:?}");
        }
    }
}
