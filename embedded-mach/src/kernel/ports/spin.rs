//! Whether a receiver spins for a while before it sleeps.
//!
//! Where the sender runs on another processor an answer can be there before the receiver would be asleep, and to wake it
//! up again takes many times as long as the answer. Where there is no other processor, or it is busy, spinning keeps the
//! sender from its work. So a receiver first sees how long it sleeps, spins only where that is short, and goes on only as
//! long as its waits are shorter for it, spinning included. Else it rests: for two waits at first, then for four, up to a
//! thousand.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::sys::{environment, processors};

/// Set to 0, nobody spins.
pub(crate) const VARIABLE: &str = "EMBEDDED_MACH_SPIN";

/// How long a receiver spins: about as long as it takes to put a thread to sleep and wake it on another processor.
const LIMIT: Duration = Duration::from_micros(50);
/// The longest waits, on the average, that make a receiver spin.
const QUICK: Duration = Duration::from_micros(100);
/// How many waits are slept through before that is known.
const MEASURED: u8 = 8;
/// The longest rest is two to the power of this, in waits.
const LONGEST_REST: u8 = 10;
/// How many waits in a row that were worth it make the next rest a short one again.
const PROVEN: u32 = 1024;

static ALLOWED: LazyLock<bool> =
    LazyLock::new(|| environment::get(VARIABLE).is_none_or(|value| value != "0"));

/// What is known of the waits for one port or set.
#[derive(Debug, Default)]
pub(crate) struct Spin {
    /// How long waits are that are slept through, and those that are not: moving averages.
    slept: Duration,
    spun: Duration,
    /// How many waits have been measured since the last rest.
    measured: u8,
    /// How many waits in a row have gone well.
    proven: u32,
    /// How many more waits go without spinning.
    rest: u32,
    /// How often in a row it has stopped.
    stops: u8,
}

/// How one wait goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Sleep,
    /// Sleep, and see how long it takes.
    Measure,
    Spin,
}

/// How long a wait was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Of which nothing is learnt for others.
    Rested(Duration),
    Slept(Duration),
    /// It began with spinning.
    Spun(Duration),
}

/// Within what time a wait ends that is none: what it is for was there already.
const AT_ONCE: Duration = Duration::from_micros(1);

impl Pace {
    /// Whether there was nothing to wait for.
    pub(crate) fn is_none(self) -> bool {
        let (Self::Rested(time) | Self::Slept(time) | Self::Spun(time)) = self;
        time < AT_ONCE
    }
}

impl Spin {
    /// What the next wait should do.
    pub(crate) fn plan(&mut self) -> Plan {
        if self.rest > 0 {
            self.rest -= 1;
            return Plan::Sleep;
        }
        if !*ALLOWED || !processors::are_several() {
            return Plan::Sleep;
        }
        if self.measured < MEASURED {
            Plan::Measure
        } else {
            Plan::Spin
        }
    }

    /// Learns from a wait.
    pub(crate) fn learn(&mut self, pace: Pace) {
        match pace {
            Pace::Rested(_) => {}
            Pace::Slept(time) => {
                self.slept = if self.measured == 0 {
                    time
                } else {
                    average(self.slept, time)
                };
                self.measured += 1;
                if self.measured == MEASURED && self.slept > QUICK {
                    self.stop();
                }
            }
            Pace::Spun(time) => {
                self.spun = average(self.spun, time);
                self.proven += 1;
                if self.spun > self.slept * 3 / 4 {
                    self.stop();
                } else if self.proven == PROVEN {
                    self.proven = 0;
                    self.stops = 0;
                }
            }
        }
    }

    fn stop(&mut self) {
        let stops = (self.stops + 1).min(LONGEST_REST);
        *self = Self {
            rest: 1 << stops,
            stops,
            ..Self::default()
        };
        processors::count_again();
    }
}

/// A moving average, of which the latest value is an eighth.
fn average(before: Duration, latest: Duration) -> Duration {
    (before * 7 + latest) / 8
}

/// Looks until there is something or the limit is over.
pub(crate) fn spin<T>(start: Instant, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    loop {
        let found = look();
        if found.is_some() || start.elapsed() > LIMIT {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLEEP: Duration = Duration::from_micros(20);
    const ANSWER: Duration = Duration::from_micros(2);

    /// Learns from as many waits as are measured.
    fn measure(spin: &mut Spin, time: Duration) {
        spin.rest = 0;
        for _ in 0..MEASURED {
            assert!(spin.measured < MEASURED && spin.rest == 0);
            spin.learn(Pace::Slept(time));
        }
    }

    fn spins(spin: &Spin) -> bool {
        spin.rest == 0 && spin.measured == MEASURED
    }

    #[test]
    fn short_waits_make_a_receiver_spin_and_long_ones_do_not() {
        let mut spin = Spin::default();
        assert!(!spins(&spin));
        measure(&mut spin, QUICK);
        assert!(spins(&spin));
        let mut slow = Spin::default();
        measure(&mut slow, 2 * QUICK);
        assert!(!spins(&slow) && slow.rest == 2);
    }

    #[test]
    fn it_goes_on_while_it_pays_and_one_miss_is_forgiven() {
        let mut spin = Spin::default();
        measure(&mut spin, SLEEP);
        for _ in 0..10 * PROVEN {
            spin.learn(Pace::Spun(ANSWER));
            assert!(spins(&spin));
        }
        spin.learn(Pace::Spun(LIMIT + SLEEP));
        assert!(spins(&spin));
        spin.learn(Pace::Spun(LIMIT + SLEEP));
        assert!(!spins(&spin));
    }

    #[test]
    fn spinning_in_vain_is_followed_by_longer_and_longer_rests() {
        let mut spin = Spin::default();
        for rest in [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024] {
            measure(&mut spin, ANSWER);
            assert!(spins(&spin));
            spin.learn(Pace::Spun(LIMIT + ANSWER));
            assert_eq!(spin.rest, rest);
            assert_eq!(spin.plan(), Plan::Sleep);
            assert_eq!(spin.rest, rest - 1);
        }
        measure(&mut spin, SLEEP);
        for _ in 0..PROVEN {
            spin.learn(Pace::Spun(ANSWER));
        }
        for _ in 0..2 {
            spin.learn(Pace::Spun(LIMIT + SLEEP));
        }
        assert_eq!(spin.rest, 2);
    }

    #[test]
    fn spinning_ends() {
        let start = Instant::now();
        assert_eq!(spin(start, || Some(5)), Some(5));
        assert_eq!(spin(start, || None::<()>), None);
        assert!(start.elapsed() > LIMIT);
    }
}
