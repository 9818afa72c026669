//! A wait's end, in the terms of the calls that wait: whole milliseconds that are left.

use std::time::{Duration, Instant};

/// The longest single wait asked of the kernel; a longer one is made of several.
const LONGEST_MS: u32 = i32::MAX as u32;

/// When to give up; never, if it is further away than the clock reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn after(timeout: Option<Duration>) -> Self {
        Self(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// What is left, or `None` for ever.
    pub(crate) fn remaining(self) -> Option<Duration> {
        self.0
            .map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// What is left in milliseconds, rounded up so as not to give up early, or `None` for ever.
    pub(crate) fn remaining_ms(self) -> Option<u32> {
        self.remaining().map(|left| {
            let ms = left.as_nanos().div_ceil(1_000_000);
            u32::try_from(ms).map_or(LONGEST_MS, |ms| ms.min(LONGEST_MS))
        })
    }

    pub(crate) fn has_passed(self) -> bool {
        self.0.is_some_and(|end| end <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_counts_as_one() {
        let deadline = Deadline::after(Some(Duration::from_secs(10) - Duration::from_micros(1)));
        assert!((9_000..=10_000).contains(&deadline.remaining_ms().unwrap()));
        assert_eq!(
            Deadline::after(Some(Duration::ZERO)).remaining_ms(),
            Some(0)
        );
        assert!(Deadline::after(Some(Duration::ZERO)).has_passed());
    }

    #[test]
    fn far_away_is_cut_and_beyond_the_clock_is_never() {
        let century = Deadline::after(Some(Duration::from_secs(100 * 365 * 86_400)));
        assert_eq!(century.remaining_ms(), Some(LONGEST_MS));
        assert!(!century.has_passed());
        assert_eq!(Deadline::after(Some(Duration::MAX)).remaining_ms(), None);
        assert_eq!(Deadline::after(None).remaining_ms(), None);
    }
}
