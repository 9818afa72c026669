//! How a lock is wanted.

use std::time::Duration;

use crate::client::PATIENCE;
use crate::state::{Mode, Wait};

/// How a lock is wanted: alone, for as long as it takes and waited for without end, if nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    pub(super) mode: Mode,
    pub(super) wait: Wait,
    pub(super) lease: Option<Duration>,
}

impl LockOptions {
    /// Exclusive, waited for without end, without a lease.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            mode: Mode::Exclusive,
            wait: Wait::Forever,
            lease: None,
        }
    }

    /// Together with others that share it.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.mode = Mode::Shared;
        self
    }

    /// What if it is not free.
    #[must_use]
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Ends by itself after this time, which begins when the lock is granted. Whole milliseconds, 1 at least.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease);
        self
    }
}

impl LockOptions {
    /// As it travels: shared or not, how long to wait, and for how long.
    pub(super) fn to_wire(self) -> (bool, i64, u64) {
        let wait_ms = match self.wait {
            Wait::Try => 0,
            Wait::For(time) => i64::try_from(ms(time)).unwrap_or(i64::MAX),
            Wait::Forever => -1,
        };
        (self.mode == Mode::Shared, wait_ms, lease_ms(self.lease))
    }

    /// How long the answer may take: the service tells the end of a wait.
    pub(super) fn patience(self) -> Option<Duration> {
        match self.wait {
            Wait::Try => Some(PATIENCE),
            Wait::For(time) => time.checked_add(PATIENCE),
            Wait::Forever => None,
        }
    }
}

impl Default for LockOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// 0 is a lease without end.
pub(super) fn lease_ms(lease: Option<Duration>) -> u64 {
    lease.map_or(0, |lease| ms(lease).max(1))
}

/// Whole milliseconds, rounded up.
fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
