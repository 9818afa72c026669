//! When a timer is due, and what it means that its message came. There is no clock and no port here.

use super::absolute::AbsoluteTime;

/// That a timer was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expiry {
    /// When: the last of the times that have come, or when [`fire_now`](super::TimerControl::fire_now) was called.
    pub due: AbsoluteTime,
    /// How many times before that one were missed, for nobody took note of them in time.
    pub missed: u64,
}

/// What a timer was armed for, in ticks.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    due: Option<u64>,
    /// 0: once.
    period: u64,
    /// When it was made to fire out of turn.
    fired: Option<u64>,
}

impl Schedule {
    pub(super) fn arm(&mut self, due: u64, period: u64) {
        *self = Self {
            due: Some(due),
            period,
            fired: None,
        };
    }

    pub(super) fn fire(&mut self, now: u64) {
        self.fired = Some(now);
    }

    /// When it was due: also if that has come, and nobody has taken note of it.
    pub(super) fn cancel(&mut self) -> Option<u64> {
        let cancelled = std::mem::take(self);
        cancelled.fired.or(cancelled.due)
    }

    /// When the timer's message is to come next.
    pub(super) fn next(&self) -> Option<u64> {
        self.fired.or(self.due)
    }

    /// Takes note of a message that came. It says nothing if it is of a time for which the timer is armed no more.
    pub(super) fn message_came(&mut self, now: u64) -> Option<Expiry> {
        let fired = self.fired.take();
        if let Some(first) = self.due.filter(|&due| due <= now) {
            let missed = (now - first).checked_div(self.period).unwrap_or(0);
            // No later than now, so it does not overflow; the next one may.
            let last = first + missed * self.period;
            self.due = (self.period > 0).then(|| last.saturating_add(self.period));
            return Some(Expiry {
                due: AbsoluteTime::from_ticks(last),
                missed,
            });
        }
        let fired = fired?;
        if self.period == 0 {
            self.due = None;
        }
        Some(Expiry {
            due: AbsoluteTime::from_ticks(fired),
            missed: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiry(due: u64, missed: u64) -> Option<Expiry> {
        let due = AbsoluteTime::from_ticks(due);
        Some(Expiry { due, missed })
    }

    #[test]
    fn a_period_counts_from_when_it_was_due_and_not_from_when_it_was_noticed() {
        let mut schedule = Schedule::default();
        schedule.arm(100, 10);
        for (now, told, next) in [
            (100, expiry(100, 0), 110),
            (113, expiry(110, 0), 120),
            (139, expiry(130, 1), 140),
            (140, expiry(140, 0), 150),
            (1_150, expiry(1_150, 100), 1_160),
        ] {
            assert_eq!(schedule.message_came(now), told);
            assert_eq!(schedule.next(), Some(next));
        }
        schedule.arm(5, u64::MAX);
        assert_eq!(schedule.message_came(9), expiry(5, 0));
        assert_eq!(schedule.next(), Some(u64::MAX));
    }

    #[test]
    fn once_is_once() {
        let mut schedule = Schedule::default();
        schedule.arm(100, 0);
        assert_eq!(schedule.message_came(500), expiry(100, 0));
        assert_eq!((schedule.message_came(600), schedule.next()), (None, None));
    }

    #[test]
    fn firing_out_of_turn_leaves_the_period_as_it_is() {
        let mut schedule = Schedule::default();
        schedule.arm(100, 10);
        schedule.fire(50);
        assert_eq!(schedule.next(), Some(50));
        assert_eq!(schedule.message_came(51), expiry(50, 0));
        assert_eq!(schedule.next(), Some(100));
        // Where a period has come as well there is one message for both.
        schedule.fire(99);
        assert_eq!(schedule.message_came(105), expiry(100, 0));
        assert_eq!(schedule.next(), Some(110));
        // What was to come once has come with it, and one that was not armed fires as well.
        schedule.arm(1_000, 0);
        for now in [200, 300] {
            schedule.fire(now);
            assert_eq!(schedule.message_came(now), expiry(now, 0));
            assert_eq!(schedule.next(), None);
        }
    }

    #[test]
    fn a_message_of_a_time_that_counts_no_more_says_nothing() {
        let mut schedule = Schedule::default();
        schedule.arm(100, 0);
        schedule.arm(200, 0);
        assert_eq!(
            (schedule.message_came(150), schedule.next()),
            (None, Some(200))
        );
        assert_eq!(schedule.cancel(), Some(200));
        assert_eq!(
            (schedule.cancel(), schedule.message_came(300)),
            (None, None)
        );
    }
}
