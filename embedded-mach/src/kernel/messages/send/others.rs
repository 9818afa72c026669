//! Waiting for others of this user to receive: all its processes together may have so many descriptors in messages that
//! nobody has received. Nothing tells when that is so no more.

use std::thread;
use std::time::{Duration, Instant};

/// How long a send without a limit of its own tries. Nobody can say that it would ever do.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What a send has waited.
#[derive(Debug)]
pub(super) struct Others {
    begun: Option<Instant>,
    pause: Duration,
}

impl Default for Others {
    fn default() -> Self {
        Self {
            begun: None,
            pause: FIRST_PAUSE,
        }
    }
}

impl Others {
    /// Whether there is time left to wait.
    pub(super) fn may_receive(&mut self, until: Option<Instant>) -> bool {
        let now = Instant::now();
        let begun = *self.begun.get_or_insert(now);
        now < until.unwrap_or(begun + PATIENCE)
    }

    pub(super) fn pause(&mut self) {
        thread::sleep(self.pause);
        self.pause = LONGEST_PAUSE.min(2 * self.pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_that_does_not_wait_has_no_time_left() {
        let mut others = Others::default();
        assert!(!others.may_receive(Some(Instant::now())));
        assert!(others.may_receive(Some(Instant::now() + Duration::from_secs(60))));
        assert!(others.may_receive(None));
        others.begun = Instant::now().checked_sub(2 * PATIENCE);
        assert!(!others.may_receive(None) || others.begun.is_none());
    }
}
