use mach_ports::AuditToken;

use crate::{PeerRequirement, Unmet};

/// What an unmet [`PeerRequirement`] leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
pub struct PeerCheck {
    /// What the peer must be.
    pub requirement: PeerRequirement,
    /// What happens if it is not.
    pub policy: PeerPolicy,
}

impl PeerCheck {
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
