//! When volumes are checked: pure, told what happens and what time it is.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use volwatch::VolumeId;
//! use volwatch::schedule::{Schedule, SettleTimes};
//!
//! let now = Instant::now();
//! let (id, second) = (VolumeId::from_u128(1), Duration::from_secs(1));
//! let mut schedule = Schedule::new(SettleTimes::default(), now, 10 * second);
//! schedule.changed(id, now + 9 * second);
//! assert_eq!(schedule.next(), Some(now + 10 * second)); // the end of the start-up delay
//! assert!(schedule.due(now + 10 * second).all); // each volume is checked then
//! schedule.changed(id, now + 20 * second);
//! assert_eq!(schedule.due(now + 25 * second).volumes, [id]);
//! assert_eq!(schedule.next(), None);
//! ```

mod settle;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use settle::{Settle, SettleTimes};

use crate::VolumeId;

/// What is to be checked now.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Due {
    /// Every volume: the start-up delay has just ended.
    pub all: bool,
    /// These. Empty if `all`.
    pub volumes: Vec<VolumeId>,
}

/// The timers of all volumes.
///
/// It holds back what appearance and change cause, and nothing else: whoever shuts down, unmounts or forces does not ask
/// here.
#[derive(Debug)]
pub struct Schedule {
    times: SettleTimes,
    /// When the start-up delay ends; `None` once it has.
    starting: Option<Instant>,
    settling: BTreeMap<VolumeId, Settle>,
}

impl Schedule {
    /// A schedule whose start-up delay begins now.
    #[must_use]
    pub fn new(times: SettleTimes, now: Instant, startup_delay: Duration) -> Self {
        Self {
            times,
            starting: Some(now + startup_delay),
            settling: BTreeMap::new(),
        }
    }

    /// Changes how long volumes must be quiet, also for those that are waited for.
    pub fn set_times(&mut self, times: SettleTimes) {
        self.times = times;
    }

    /// Whether the start-up delay holds back checks.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    /// A volume has appeared. Whether to check it at once; if not, it is checked when the start-up delay ends.
    #[must_use]
    pub fn appeared(&self) -> bool {
        !self.is_starting()
    }

    /// Something in a volume has changed.
    pub fn changed(&mut self, id: VolumeId, now: Instant) {
        if self.is_starting() {
            return; // all are checked at its end
        }
        self.settling
            .entry(id)
            .and_modify(|settle| settle.changed(now))
            .or_insert(Settle::new(now));
    }

    /// A volume is gone, or is being checked for another reason: nothing is left to be waited for.
    pub fn forget(&mut self, id: VolumeId) {
        self.settling.remove(&id);
    }

    /// When this volume is checked next.
    #[must_use]
    pub fn next_of(&self, id: VolumeId) -> Option<Instant> {
        self.starting
            .or_else(|| self.settling.get(&id).map(|settle| settle.due(&self.times)))
    }

    /// When [`due`](Self::due) is to be asked again.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        let settled = self.settling.values().map(|settle| settle.due(&self.times));
        self.starting.or_else(|| settled.min())
    }

    /// Takes out what is to be checked now.
    pub fn due(&mut self, now: Instant) -> Due {
        if let Some(end) = self.starting {
            let all = end <= now;
            if all {
                self.starting = None;
                self.settling.clear();
            }
            return Due {
                all,
                volumes: Vec::new(),
            };
        }
        let times = self.times;
        let is_due = |settle: &Settle| settle.due(&times) <= now;
        let volumes: Vec<_> = self
            .settling
            .iter()
            .filter(|(_, settle)| is_due(settle))
            .map(|(id, _)| *id)
            .collect();
        self.settling.retain(|_, settle| !is_due(settle));
        Due {
            all: false,
            volumes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const ONE: VolumeId = VolumeId::from_u128(1);
    const TWO: VolumeId = VolumeId::from_u128(2);

    /// Past its start-up delay.
    fn started(now: Instant) -> Schedule {
        let mut schedule = Schedule::new(SettleTimes::default(), now, Duration::ZERO);
        assert!(schedule.due(now).all);
        schedule
    }

    #[test]
    fn a_thousand_changes_are_one_check() {
        let begin = Instant::now();
        let mut schedule = started(begin);
        for number in 0..1000 {
            schedule.changed(ONE, begin + number * Duration::from_millis(4));
        }
        let last = begin + 999 * Duration::from_millis(4);
        assert_eq!(
            schedule.due(last + 5 * SECOND - Duration::from_nanos(1)),
            Due::default()
        );
        assert_eq!(schedule.due(last + 5 * SECOND).volumes, [ONE]);
        assert_eq!(schedule.due(last + 100 * SECOND), Due::default());
    }

    #[test]
    fn unbroken_change_is_checked_each_minute() {
        let begin = Instant::now();
        let mut schedule = started(begin);
        let mut checked = Vec::new();
        for second in 0..200 {
            let now = begin + second * SECOND;
            if !schedule.due(now).volumes.is_empty() {
                checked.push(second);
            }
            schedule.changed(ONE, now);
        }
        assert_eq!(checked, [60, 120, 180]);
    }

    #[test]
    fn the_start_up_delay_holds_back_and_then_all_are_checked() {
        let begin = Instant::now();
        let mut schedule = Schedule::new(SettleTimes::default(), begin, 300 * SECOND);
        assert!(!schedule.appeared());
        schedule.changed(ONE, begin);
        assert_eq!(schedule.due(begin + 299 * SECOND), Due::default());
        assert_eq!(schedule.next(), Some(begin + 300 * SECOND));
        assert!(schedule.due(begin + 300 * SECOND).all);
        assert!(schedule.appeared());
        assert_eq!(
            schedule.next(),
            None,
            "the change was checked with the rest"
        );
    }

    #[test]
    fn volumes_settle_each_for_itself_and_are_forgotten() {
        let begin = Instant::now();
        let mut schedule = started(begin);
        schedule.changed(ONE, begin);
        schedule.changed(TWO, begin + SECOND);
        assert_eq!(schedule.next(), Some(begin + 5 * SECOND));
        assert_eq!(schedule.next_of(TWO), Some(begin + 6 * SECOND));
        schedule.forget(ONE);
        assert_eq!(schedule.due(begin + 10 * SECOND).volumes, [TWO]);
    }
}
