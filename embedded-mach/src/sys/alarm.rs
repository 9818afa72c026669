//! A descriptor that becomes readable when a clock comes to a time.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::clock::Clock;

/// One time of one clock, or none.
#[derive(Debug)]
pub(crate) struct Alarm(TimerFd);

impl Alarm {
    pub(crate) fn new(clock: Clock) -> Result<Self, Errno> {
        let clock = match clock {
            Clock::Absolute => ClockId::CLOCK_MONOTONIC,
            Clock::Continuous => ClockId::CLOCK_BOOTTIME,
        };
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        TimerFd::new(clock, flags).map(Self)
    }

    /// Goes off at a time, at once if that is past, in place of any other. What went off before is forgotten.
    pub(crate) fn set(&self, at: Option<u64>) -> Result<(), Errno> {
        match at {
            // Zero would be no time at all.
            Some(at) => self.0.set(
                Expiration::OneShot(Duration::from_nanos(at.max(1)).into()),
                TimerSetTimeFlags::TFD_TIMER_ABSTIME,
            ),
            None => self.0.unset(),
        }
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::sys::watch::Watch;

    #[test]
    fn it_goes_off_once_it_is_time_each_time_it_is_set() {
        let soon = || Some(Instant::now() + Duration::from_secs(20));
        for clock in Clock::ALL {
            let (alarm, watch) = (Alarm::new(clock).unwrap(), Watch::new().unwrap());
            watch.add_edge(alarm.as_fd(), 7).unwrap();
            for ahead in [0, 1_000_000] {
                let at = clock.now() + ahead;
                alarm.set(Some(at)).unwrap();
                assert_eq!(watch.wait_until(soon()).1.only(), Some(7));
                assert!(clock.now() >= at);
                assert!(watch.ready().is_empty(), "an edge shows once");
            }
            alarm.set(Some(0)).unwrap();
            assert_eq!(watch.wait_until(soon()).1.only(), Some(7));
            alarm.set(Some(u64::MAX)).unwrap();
            alarm.set(None).unwrap();
            assert!(watch.ready().is_empty());
        }
    }
}
