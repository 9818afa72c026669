//! Waiting until a volume is quiet.

use std::time::{Duration, Instant};

/// How long a volume must be quiet before it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettleTimes {
    /// So long after the last change. Each further change begins it anew.
    pub quiet: Duration,
    /// So long after the first change, though it has not been quiet.
    pub longest: Duration,
}

impl Default for SettleTimes {
    /// 5 s and 60 s.
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(5),
            longest: Duration::from_secs(60),
        }
    }
}

/// The changes that one volume has not been checked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settle {
    first: Instant,
    last: Instant,
}

impl Settle {
    /// A first change at `now`.
    #[must_use]
    pub const fn new(now: Instant) -> Self {
        Self {
            first: now,
            last: now,
        }
    }

    /// A further change.
    pub fn changed(&mut self, now: Instant) {
        self.last = self.last.max(now);
    }

    /// When the volume is to be checked if nothing else changes.
    #[must_use]
    pub fn due(&self, times: &SettleTimes) -> Instant {
        (self.last + times.quiet).min(self.first + times.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: SettleTimes = SettleTimes {
        quiet: Duration::from_secs(5),
        longest: Duration::from_secs(60),
    };

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn each_change_begins_the_wait_anew() {
        let begin = Instant::now();
        let mut settle = Settle::new(begin);
        assert_eq!(settle.due(&TIMES), begin + seconds(5));
        settle.changed(begin + seconds(4));
        assert_eq!(settle.due(&TIMES), begin + seconds(9));
    }

    #[test]
    fn unbroken_change_is_checked_all_the_same() {
        let begin = Instant::now();
        let mut settle = Settle::new(begin);
        for second in 1..=100 {
            settle.changed(begin + seconds(second));
        }
        assert_eq!(settle.due(&TIMES), begin + seconds(60));
    }

    #[test]
    fn a_change_that_is_told_late_does_not_shorten_the_wait() {
        let begin = Instant::now();
        let mut settle = Settle::new(begin + seconds(3));
        settle.changed(begin);
        assert_eq!(settle.due(&TIMES), begin + seconds(8));
    }
}
