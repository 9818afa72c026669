//! When helpers may be started, after some did not come to serve.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{NoHelper, StartError};

/// How long is waited after the first failure; twice as long after each further one.
const FIRST_DELAY: Duration = Duration::from_millis(50);
/// How long is waited at most.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// The failures since a helper last answered a call. That one has come to serve is no success yet: it may end right after.
#[derive(Debug)]
pub(super) struct Starts {
    attempts: u32,
    in_a_row: u32,
    /// All failures there ever were.
    ever: u64,
    last: Option<Arc<StartError>>,
    not_before: Option<Instant>,
}

impl Starts {
    pub(super) const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            in_a_row: 0,
            ever: 0,
            last: None,
            not_before: None,
        }
    }

    pub(super) fn succeeded(&mut self) {
        self.in_a_row = 0;
        self.not_before = None;
    }

    pub(super) fn failed(&mut self, error: StartError, now: Instant) {
        self.ever += 1;
        self.in_a_row = self.in_a_row.saturating_add(1);
        if error.cause.is_for_good() {
            self.in_a_row = self.in_a_row.max(self.attempts);
        }
        let doublings = self.in_a_row.saturating_sub(1).min(16);
        let delay = FIRST_DELAY
            .saturating_mul(1 << doublings)
            .min(LONGEST_DELAY);
        self.not_before = now.checked_add(delay);
        self.last = Some(Arc::new(error));
    }

    /// How many starts have failed so far: who remembers it knows later whether there were more.
    pub(super) const fn failed_ever(&self) -> u64 {
        self.ever
    }

    /// The error, once there were too many failures.
    pub(super) fn given_up(&self) -> Option<NoHelper> {
        let last = self
            .last
            .as_ref()
            .filter(|_| self.in_a_row >= self.attempts)?;
        Some(NoHelper {
            in_a_row: self.in_a_row,
            last: Arc::clone(last),
        })
    }

    /// How many helpers may be starting now. None while a failure is recent, nor once it was given up unless somebody asks for
    /// one; one after a failure, to see whether it fares better.
    pub(super) fn allowed(&self, now: Instant, is_asked_for: bool) -> usize {
        if self.in_a_row == 0 {
            return usize::MAX;
        }
        let given_up = self.in_a_row >= self.attempts && !is_asked_for;
        usize::from(!self.is_recent(now) && !given_up)
    }

    /// Whether the last failure is too recent for another start.
    pub(super) fn is_recent(&self, now: Instant) -> bool {
        self.not_before.is_some_and(|time| now < time)
    }

    /// When the next start may be, if that is still to come.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|time| now < *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StartCause;

    fn failure() -> StartError {
        StartError {
            pid: None,
            cause: StartCause::Closed,
            stderr: String::new(),
        }
    }

    #[test]
    fn each_failure_takes_longer_up_to_a_limit() {
        let mut starts = Starts::new(3);
        let begun = Instant::now();
        assert_eq!(starts.allowed(begun, false), usize::MAX);
        let mut delays = Vec::new();
        for _ in 0..30 {
            starts.failed(failure(), begun);
            delays.push(starts.next(begun).unwrap() - begun);
            assert_eq!(starts.allowed(begun, true), 0);
        }
        assert_eq!(delays[..3], [50, 100, 200].map(Duration::from_millis));
        assert_eq!(delays[29], LONGEST_DELAY);
    }

    #[test]
    fn after_so_many_somebody_must_ask() {
        let mut starts = Starts::new(2);
        let begun = Instant::now();
        let later = begun + Duration::from_secs(60);
        starts.failed(failure(), begun);
        assert!(starts.given_up().is_none());
        assert_eq!(starts.allowed(later, false), 1);
        starts.failed(failure(), begun);
        assert_eq!(starts.given_up().unwrap().in_a_row(), 2);
        assert_eq!(
            (starts.allowed(later, false), starts.allowed(later, true)),
            (0, 1)
        );
        starts.succeeded();
        assert!(starts.given_up().is_none());
        assert_eq!(starts.allowed(begun, false), usize::MAX);
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        let mut starts = Starts::new(5);
        let cause = StartCause::Interface(mach_interface::ConnectError::Unknown);
        starts.failed(StartError { cause, ..failure() }, Instant::now());
        assert!(starts.given_up().is_some());
    }
}
