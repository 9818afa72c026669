//! How often a volume's helper was tried, and how often in vain.

/// As many launches are attempted without a success.
pub const ATTEMPT_LIMIT: u32 = 25;
/// After as many failures in a row a volume holds up neither a shutdown nor an unmount.
pub const FAILURE_LIMIT: u32 = 5;

/// Launches and failures since the last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// How many launches were attempted.
    pub attempts: u32,
    /// How many of them failed, or what else did.
    pub failures: u32,
}

impl Counters {
    pub(super) const fn attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    pub(super) const fn fail(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// An unmount was denied: the next success is worth a word.
    pub(super) const fn note_denial(&mut self) {
        if self.failures == 0 {
            self.failures = 1;
        }
    }

    /// Starts anew, and says how many failures there were.
    pub(super) const fn succeed(&mut self) -> u32 {
        let failures = self.failures;
        *self = Self {
            attempts: 0,
            failures: 0,
        };
        failures
    }

    /// How many more failures are waited for.
    #[must_use]
    pub const fn tries_left(&self) -> u32 {
        FAILURE_LIMIT.saturating_sub(self.failures)
    }
}
