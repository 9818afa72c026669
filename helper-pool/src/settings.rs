//! What a pool has been told about its helpers.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::BuildError;

/// What becomes of what helpers write to their standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Stderr {
    /// It goes to this process's standard error, and its tail is kept for errors.
    #[default]
    PassOn,
    /// Its tail is kept for errors, and the rest is lost.
    Keep,
    /// Helpers have what the launcher says, and errors have no tail.
    Inherit,
}

/// How many helpers there are: always so many, or between a least and a most number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelperCount {
    pub(crate) least: usize,
    pub(crate) most: usize,
}

impl From<usize> for HelperCount {
    fn from(count: usize) -> Self {
        Self {
            least: count,
            most: count,
        }
    }
}

impl From<RangeInclusive<usize>> for HelperCount {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self {
            least: *range.start(),
            most: *range.end(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) count: HelperCount,
    pub(crate) spares: usize,
    /// How many calls one helper may be at, at the same time.
    pub(crate) in_flight: usize,
    pub(crate) deadline: Option<Duration>,
    pub(crate) start_deadline: Duration,
    pub(crate) start_attempts: u32,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) recycle_calls: Option<u64>,
    pub(crate) recycle_memory: Option<u64>,
    pub(crate) queue: usize,
    pub(crate) idle_time: Duration,
    pub(crate) exit_time: Duration,
    pub(crate) stderr: Stderr,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            count: HelperCount::from(1),
            spares: 0,
            in_flight: 1,
            deadline: Some(Duration::from_secs(60)),
            start_deadline: Duration::from_secs(30),
            start_attempts: 5,
            memory_limit: None,
            recycle_calls: None,
            recycle_memory: None,
            queue: 64,
            idle_time: Duration::from_secs(10),
            exit_time: Duration::from_secs(5),
            stderr: Stderr::default(),
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        let HelperCount { least, most } = self.count;
        let wrong = [
            (most == 0, "a pool has at least one helper"),
            (
                least > most,
                "the least number of helpers is above the most",
            ),
            (self.in_flight == 0, "a helper is at one call at least"),
            (
                self.start_attempts == 0,
                "a helper is started at least once",
            ),
            (
                self.recycle_calls == Some(0),
                "a helper serves at least one call before it is recycled",
            ),
            (
                self.memory_limit
                    .zip(self.recycle_memory)
                    .is_some_and(|(limit, recycle)| recycle > limit),
                "helpers are recycled above more memory than they may have",
            ),
        ];
        match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, what)) => Err(BuildError::Setting(what)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_settings_are_refused() {
        let check = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().is_ok()
        };
        assert!(check(|_| {}));
        assert!(check(|settings| settings.count = (0..=3).into()));
        assert!(!check(|settings| settings.count = 0.into()));
        assert!(!check(
            |settings| settings.count = HelperCount { least: 3, most: 2 }
        ));
        assert!(!check(|settings| settings.in_flight = 0));
        assert!(!check(|settings| settings.start_attempts = 0));
        assert!(!check(|settings| settings.recycle_calls = Some(0)));
        assert!(!check(|settings| {
            settings.memory_limit = Some(1);
            settings.recycle_memory = Some(2);
        }));
    }
}
