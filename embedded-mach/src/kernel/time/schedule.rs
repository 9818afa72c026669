//! What is due when. The library's thread watches a descriptor for each clock that something waits for.

use std::collections::{BTreeMap, HashMap};
use std::os::fd::AsFd;

use crate::headers::clock_types::alarm_type_t;
use crate::headers::kern_return::KERN_RESOURCE_SHORTAGE;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::alarm::Alarm;
use crate::sys::clock::Clock;

/// What the thread knows the descriptors by: a number that no port has.
pub(crate) const DUE: u64 = 0;

/// A time of a clock, and a number to tell what is due at the same time apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    clock: Clock,
    pub(super) at: u64,
    number: u64,
}

/// What is done at a time.
#[derive(Debug)]
pub(super) enum Due {
    /// A timer gets its message.
    Timer(PortKey),
    /// Who asked for an alarm is told.
    Alarm { to: Right, kind: alarm_type_t },
}

/// What is still to come.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    due: BTreeMap<Moment, Due>,
    last_number: u64,
    /// Ports that are timers, and when each is due, if it is armed.
    pub(super) timers: HashMap<PortKey, Option<Moment>>,
    /// One for each clock, in the order of [`Clock::ALL`], once it is needed, and what it is set to.
    alarms: [Option<(Alarm, Option<u64>)>; 2],
}

impl Schedule {
    fn earliest(&self, clock: Clock) -> Option<Moment> {
        let (at, number) = (0, 0);
        let mut later = self.due.range(Moment { clock, at, number }..);
        let (moment, _) = later.next()?;
        (moment.clock == clock).then_some(*moment)
    }

    fn take_due(&mut self, clock: Clock, now: u64) -> Option<Due> {
        let moment = self.earliest(clock).filter(|moment| moment.at <= now)?;
        self.due.remove(&moment)
    }

    fn set_alarm(&mut self, clock: Clock) {
        let wanted = self.earliest(clock).map(|moment| moment.at);
        if let Some((alarm, set)) = &mut self.alarms[clock as usize]
            && *set != wanted
        {
            *set = wanted;
            if let Err(error) = alarm.set(wanted) {
                tracing::error!(%error, "a timer could not be set");
            }
        }
    }
}

impl Kernel {
    /// Sees to it that something can be due by a clock: `KERN_RESOURCE_SHORTAGE` without a descriptor or a thread for it.
    pub(super) fn begin_clock(&mut self, clock: Clock) -> Result<()> {
        if self.schedule.alarms[clock as usize].is_none() {
            let alarm = Alarm::new(clock).map_err(|_| KERN_RESOURCE_SHORTAGE)?;
            if !self.watch_for_time(alarm.as_fd(), DUE) {
                return Err(KERN_RESOURCE_SHORTAGE);
            }
            self.schedule.alarms[clock as usize] = Some((alarm, None));
        }
        Ok(())
    }

    /// Has something done at a time, which may be past.
    pub(super) fn schedule(&mut self, clock: Clock, at: u64, due: Due) -> Result<Moment> {
        self.begin_clock(clock)?;
        let schedule = &mut self.schedule;
        schedule.last_number += 1;
        let number = schedule.last_number;
        let moment = Moment { clock, at, number };
        schedule.due.insert(moment, due);
        schedule.set_alarm(clock);
        Ok(moment)
    }

    pub(super) fn unschedule(&mut self, moment: Moment) {
        self.schedule.due.remove(&moment);
        self.schedule.set_alarm(moment.clock);
    }

    /// Does what is due.
    pub(crate) fn do_what_is_due(&mut self) {
        for clock in Clock::ALL {
            let now = clock.now();
            while let Some(due) = self.schedule.take_due(clock, now) {
                match due {
                    Due::Timer(port) => self.timer_is_due(port),
                    Due::Alarm { to, kind } => self.give_alarm(to, kind),
                }
            }
            // It has gone off: whatever it was set to, it has to be set again.
            if let Some((_, set)) = &mut self.schedule.alarms[clock as usize] {
                *set = None;
            }
            self.schedule.set_alarm(clock);
        }
    }
}
