//! How many helpers there should be.

use crate::settings::Settings;

/// How many helpers there are, and how much there is to do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Census {
    pub(super) starting: usize,
    pub(super) idle: usize,
    pub(super) busy: usize,
    /// Calls in line.
    pub(super) waiting: usize,
}

impl Census {
    const fn helpers(&self) -> usize {
        self.starting + self.idle + self.busy
    }

    /// As many as the work takes, within the limits, and the spares on top.
    fn wanted(&self, settings: &Settings) -> usize {
        let count = settings.count;
        let for_those_who_wait = self.waiting.div_ceil(settings.in_flight.max(1));
        let at_work = self.busy.saturating_add(for_those_who_wait);
        at_work
            .clamp(count.least, count.most)
            .saturating_add(settings.spares)
    }

    /// How many helpers are to be started.
    pub(super) fn missing(&self, settings: &Settings) -> usize {
        self.wanted(settings).saturating_sub(self.helpers())
    }

    /// How many idle helpers are more than are wanted.
    pub(super) fn surplus(&self, settings: &Settings) -> usize {
        self.helpers()
            .saturating_sub(self.wanted(settings))
            .min(self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(least: usize, most: usize, spares: usize, in_flight: usize) -> Settings {
        Settings {
            count: (least..=most).into(),
            spares,
            in_flight,
            ..Settings::default()
        }
    }

    fn census(starting: usize, idle: usize, busy: usize, waiting: usize) -> Census {
        Census {
            starting,
            idle,
            busy,
            waiting,
        }
    }

    #[test]
    fn a_fixed_number_is_kept() {
        let settings = settings(4, 4, 0, 1);
        assert_eq!(census(0, 0, 0, 0).missing(&settings), 4);
        assert_eq!(census(1, 1, 1, 9).missing(&settings), 1);
        assert_eq!(census(0, 4, 0, 0).surplus(&settings), 0);
    }

    #[test]
    fn there_are_as_many_as_there_is_work_for() {
        let settings = settings(1, 4, 0, 1);
        assert_eq!(census(0, 1, 0, 0).missing(&settings), 0);
        assert_eq!(census(0, 0, 1, 2).missing(&settings), 2);
        assert_eq!(census(1, 0, 1, 2).missing(&settings), 1);
        assert_eq!(census(0, 0, 4, 9).missing(&settings), 0);
        assert_eq!(census(0, 3, 1, 0).surplus(&settings), 3);
        assert_eq!(census(0, 4, 0, 0).surplus(&settings), 3);
    }

    #[test]
    fn spares_come_on_top() {
        let settings = settings(0, 2, 1, 1);
        assert_eq!(census(0, 0, 0, 0).missing(&settings), 1);
        assert_eq!(census(0, 0, 2, 5).missing(&settings), 1);
        assert_eq!(census(0, 1, 2, 5).missing(&settings), 0);
        assert_eq!(census(0, 1, 2, 5).surplus(&settings), 0);
        assert_eq!(census(0, 3, 0, 0).surplus(&settings), 2);
    }

    #[test]
    fn a_helper_may_be_for_several_calls() {
        let settings = settings(0, 8, 0, 4);
        assert_eq!(census(0, 0, 0, 4).missing(&settings), 1);
        assert_eq!(census(0, 0, 1, 5).missing(&settings), 2);
    }
}
