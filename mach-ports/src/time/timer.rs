//! Ports that get a message when it is time.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::absolute::{AbsoluteTime, Timebase};
use super::schedule::{Expiry, Schedule};
use crate::calls::Name;
use crate::deadline::Deadline;
use crate::error::{Error, check};
use crate::ffi::extra;
use crate::ffi::kern_return::{KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE};
use crate::message::{AuditToken, ReceiveError, ReceiveOptions, ReceivedMessage, receive_on};
use crate::right::ReceiveRight;

/// A port that gets a message when it is time: once, or again and again.
///
/// It can be waited for by itself, be a member of a [`PortSet`](crate::PortSet) beside other ports, or be watched by a
/// [`TimerSource`](crate::dispatch::TimerSource). A time that is past is now. While nobody takes note of one that has come,
/// later ones are counted.
///
/// A period counts from the time that the timer was due before, not from when that was noticed, so that it does not drift.
///
/// ```
/// use std::time::Duration;
/// use mach_ports::time::{AbsoluteTime, Timer};
///
/// let timer = Timer::new()?;
/// let first = AbsoluteTime::now() + Duration::from_millis(2);
/// timer.arm_every(first, Duration::from_millis(1))?;
/// let expiry = timer.wait(Duration::from_secs(10))?;
/// assert!(expiry.due >= first);
///
/// timer.arm_after(Duration::from_secs(3600))?;
/// assert!(timer.cancel()? > Some(Duration::from_secs(3000)));
/// assert_eq!(timer.cancel()?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Timer {
    port: ReceiveRight,
    control: Arc<TimerControl>,
}

/// What can be done with a timer, whoever waits for it.
#[derive(Debug)]
pub struct TimerControl {
    /// The port's, which lives as long as what gives access to this.
    name: Name,
    schedule: Mutex<Schedule>,
}

impl Timer {
    /// A timer that is not armed.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory (on Linux: of descriptors, or of threads).
    pub fn new() -> Result<Self, Error> {
        // SAFETY: takes nothing.
        let name = unsafe { extra::mk_timer_create() };
        // SAFETY: the name was made for this right, which nothing else owns.
        let port = unsafe { ReceiveRight::from_raw(name) }
            .ok_or(Error::new("mk_timer_create", KERN_RESOURCE_SHORTAGE))?;
        let schedule = Mutex::default();
        let control = Arc::new(TimerControl { name, schedule });
        Ok(Self { port, control })
    }

    /// Its port, to be put into a set. What is received on it goes to [`accept`](Self::accept).
    #[must_use]
    pub fn port(&self) -> &ReceiveRight {
        &self.port
    }

    /// Waits until the timer is due, for `timeout` at most (`None` is for ever; zero only looks). A timer that is not armed
    /// may become so meanwhile.
    ///
    /// # Errors
    ///
    /// See [`ReceiveError`].
    pub fn wait(&self, timeout: impl Into<Option<Duration>>) -> Result<Expiry, ReceiveError> {
        let deadline = Deadline::after(timeout.into());
        loop {
            let options = ReceiveOptions::new().timeout(deadline.remaining());
            let message = receive_on(self.name, &options)?;
            let expiry = self.accept(&message).map_err(ReceiveError::Failed)?;
            if let Some(expiry) = expiry {
                return Ok(expiry);
            }
        }
    }

    /// Takes note of a message that was received on the timer's port, and arms the timer for the next time. `None` if the
    /// message is of another port or sender, or of a time for which the timer was armed no more when it was received.
    ///
    /// # Errors
    ///
    /// The timer cannot be armed again.
    pub fn accept(&self, message: &ReceivedMessage) -> Result<Option<Expiry>, Error> {
        self.control.accept(message)
    }

    pub(crate) fn into_parts(self) -> (ReceiveRight, Arc<TimerControl>) {
        (self.port, self.control)
    }
}

impl Deref for Timer {
    type Target = TimerControl;

    fn deref(&self) -> &TimerControl {
        &self.control
    }
}

impl TimerControl {
    /// Has the timer be due once, at a point of the clock. What it was armed for before counts no more, nor does a time that has
    /// come unnoticed.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn arm_at(&self, due: AbsoluteTime) -> Result<(), Error> {
        self.arm(due.ticks(), 0)
    }

    /// Has the timer be due once, after a time. As [`arm_at`](Self::arm_at).
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn arm_after(&self, time: Duration) -> Result<(), Error> {
        self.arm_at(AbsoluteTime::now() + time)
    }

    /// Has the timer be due at a point of the clock and again after each period. As [`arm_at`](Self::arm_at).
    ///
    /// # Errors
    ///
    /// The period is zero, or the kernel is short of a resource.
    pub fn arm_every(&self, first: AbsoluteTime, period: Duration) -> Result<(), Error> {
        match Timebase::get().ticks(period) {
            0 => Err(Error::new("mk_timer_arm", KERN_INVALID_ARGUMENT)),
            period => self.arm(first.ticks(), period),
        }
    }

    /// Has the timer be due now, whatever it is armed for. A timer that is due once was due with that; the times of one
    /// with a period stay as they are.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn fire_now(&self) -> Result<(), Error> {
        let mut schedule = self.schedule.lock();
        schedule.fire(AbsoluteTime::now().ticks());
        self.set(&schedule)
    }

    /// Disarms the timer, and tells how long it was until it would have been due: zero if that has come and nobody took note of
    /// it, `None` if it was not armed.
    ///
    /// # Errors
    ///
    /// None is known for a timer.
    pub fn cancel(&self) -> Result<Option<Duration>, Error> {
        let mut schedule = self.schedule.lock();
        let due = schedule.cancel().map(AbsoluteTime::from_ticks);
        self.stop()?;
        Ok(due.map(|due| due.duration_since(AbsoluteTime::now())))
    }

    fn arm(&self, due: u64, period: u64) -> Result<(), Error> {
        let mut schedule = self.schedule.lock();
        self.stop()?;
        schedule.arm(due, period);
        self.set(&schedule)
    }

    /// Has the kernel send the message that is next.
    fn set(&self, schedule: &Schedule) -> Result<(), Error> {
        let Some(at) = schedule.next() else {
            return Ok(());
        };
        // SAFETY: takes numbers.
        check("mk_timer_arm", unsafe {
            extra::mk_timer_arm(self.name, at)
        })
    }

    /// Has the kernel send nothing, and throws away what it has sent. A message that is under way just now is found to say
    /// nothing when it is received.
    fn stop(&self) -> Result<(), Error> {
        // SAFETY: null is for a time that is not wanted.
        let code = unsafe { extra::mk_timer_cancel(self.name, std::ptr::null_mut()) };
        check("mk_timer_cancel", code)?;
        let _ = receive_on(self.name, &ReceiveOptions::new().timeout(Duration::ZERO));
        Ok(())
    }

    pub(crate) fn accept(&self, message: &ReceivedMessage) -> Result<Option<Expiry>, Error> {
        let is_own = message.port() == self.name
            && message.id() == 0
            && message
                .audit_token()
                .as_ref()
                .is_some_and(AuditToken::is_kernel);
        if !is_own {
            return Ok(None);
        }
        let mut schedule = self.schedule.lock();
        let expiry = schedule.message_came(AbsoluteTime::now().ticks());
        self.set(&schedule)?;
        Ok(expiry)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::{Message, PortSet, SendOptions};

    const SOON: Duration = Duration::from_secs(20);
    const HOUR: Duration = Duration::from_secs(3600);
    const MS: Duration = Duration::from_millis(1);

    fn is_idle(timer: &Timer) {
        assert_eq!(timer.wait(Duration::ZERO), Err(ReceiveError::TimedOut));
    }

    #[test]
    fn a_timer_is_due_once_at_its_time_and_not_before() {
        let timer = Timer::new().unwrap();
        is_idle(&timer);
        let due = AbsoluteTime::now() + 3 * MS;
        timer.arm_at(due).unwrap();
        let expiry = timer.wait(SOON).unwrap();
        assert_eq!((expiry.due, expiry.missed), (due, 0));
        assert!(AbsoluteTime::now() >= due);
        is_idle(&timer);
        // What is past is now.
        timer.arm_at(AbsoluteTime::from_ticks(0)).unwrap();
        assert_eq!(timer.wait(SOON).unwrap().due, AbsoluteTime::from_ticks(0));
        timer.arm_after(Duration::ZERO).unwrap();
        timer.wait(SOON).unwrap();
        is_idle(&timer);
    }

    #[test]
    fn periods_that_nobody_noticed_are_counted_and_none_drifts() {
        let timer = Timer::new().unwrap();
        let first = AbsoluteTime::now();
        timer.arm_every(first, MS).unwrap();
        let mut seen = 0;
        for _ in 0..5 {
            let expiry = timer.wait(SOON).unwrap();
            seen += 1 + expiry.missed;
            // It is due a whole number of periods after the first time.
            let periods = u32::try_from(seen - 1).unwrap();
            assert_eq!(expiry.due.duration_since(first), periods * MS);
            (first + (periods + 3) * MS).sleep_until();
        }
        assert!(seen >= 5 + 4 * 2, "{seen}");
        assert!(timer.arm_every(first, Duration::ZERO).is_err());
    }

    #[test]
    fn cancelling_tells_what_is_left() {
        let timer = Timer::new().unwrap();
        assert_eq!(timer.cancel(), Ok(None));
        timer.arm_after(HOUR).unwrap();
        let left = timer.cancel().unwrap().unwrap();
        assert!(left <= HOUR && left > HOUR / 2, "{left:?}");
        // A time that has come and was not noticed: nothing is left of it, nor of its message.
        timer.arm_after(Duration::ZERO).unwrap();
        assert_eq!(timer.cancel(), Ok(Some(Duration::ZERO)));
        is_idle(&timer);
        timer.arm_at(AbsoluteTime::from_ticks(1)).unwrap();
        timer.arm_after(HOUR).unwrap();
        is_idle(&timer);
    }

    #[test]
    fn fire_now_comes_at_once_and_leaves_periods_alone() {
        let timer = Timer::new().unwrap();
        timer.fire_now().unwrap();
        timer.wait(SOON).unwrap();
        timer.arm_after(HOUR).unwrap();
        timer.fire_now().unwrap();
        timer.wait(SOON).unwrap();
        assert_eq!(timer.cancel(), Ok(None), "it was to be due once");
        timer.arm_every(AbsoluteTime::now() + HOUR, HOUR).unwrap();
        timer.fire_now().unwrap();
        timer.wait(SOON).unwrap();
        let left = timer.cancel().unwrap().unwrap();
        assert!(left <= HOUR && left > HOUR / 2, "{left:?}");
    }

    #[test]
    fn a_timer_can_be_armed_while_another_thread_waits() {
        let timer = Timer::new().unwrap();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| timer.wait(SOON));
            timer.arm_after(MS).unwrap();
            waiter.join().unwrap().unwrap();
        });
    }

    #[test]
    fn timers_are_members_of_sets_like_other_ports() {
        let (timer, other) = (Timer::new().unwrap(), Timer::new().unwrap());
        let set = PortSet::new().unwrap();
        set.insert(timer.port()).unwrap();
        set.insert(other.port()).unwrap();
        other.arm_after(MS).unwrap();
        let options = ReceiveOptions::new().timeout(SOON);
        let message = set.receive(&options).unwrap();
        assert_eq!(timer.accept(&message), Ok(None), "it is not this timer's");
        assert!(other.accept(&message).unwrap().is_some());
        assert_eq!(other.accept(&message), Ok(None), "it was taken note of");
    }

    #[test]
    fn what_somebody_sends_to_a_timer_is_no_time() {
        let timer = Timer::new().unwrap();
        timer.arm_after(HOUR).unwrap();
        let right = timer.port().make_send().unwrap();
        Message::new(0)
            .bytes(&[0; 24])
            .send(&right, &SendOptions::new())
            .unwrap();
        is_idle(&timer);
    }
}
