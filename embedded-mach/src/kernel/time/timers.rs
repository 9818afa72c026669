//! Timers: receive rights that the kernel sends a message to when it is time.
//!
//! The kernel holds a send right to each, so that a timer always has a sender, and has one message for it: while that waits
//! to be received, the timer is due in vain.

use super::schedule::Due;
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT};
use crate::headers::port::{MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::clock::Clock;

/// The bytes that follow the header in `mk_timer_expire_msg_t`. All are 0.
const UNUSED: usize = 24;

fn expired(timer: Right) -> Kmsg {
    Kmsg::simple(0, timer, vec![0; UNUSED], Sender::default())
}

/// Whether a queued message is the kernel's to a timer: of its own it sends no other with this id.
fn is_expiry(message: &Kmsg) -> bool {
    message.id == 0 && message.sender == Sender::default() && message.body.len() == UNUSED
}

impl Kernel {
    /// A receive right that is a timer, which is not armed.
    pub(crate) fn create_timer(&mut self) -> Result<mach_port_name_t> {
        self.begin_clock(Clock::Absolute)?;
        let name = self.allocate_port(None)?;
        let key = self.receive_right(name)?;
        // The kernel's own right, which is counted until the timer ends.
        let _: Right = self.make_send(key);
        self.schedule.timers.insert(key, None);
        Ok(name)
    }

    pub(crate) fn is_timer(&self, key: PortKey) -> bool {
        self.schedule.timers.contains_key(&key)
    }

    /// The timer under a name.
    fn timer(&self, name: mach_port_name_t) -> Result<PortKey> {
        let key = self.receive_right(name)?;
        if self.is_timer(key) {
            Ok(key)
        } else {
            Err(KERN_INVALID_ARGUMENT)
        }
    }

    /// Has a timer get its message at a time of a clock, and not at another it was armed for. A time that has come is now.
    pub(crate) fn arm_timer(
        &mut self,
        name: mach_port_name_t,
        clock: Clock,
        at: u64,
    ) -> Result<()> {
        let key = self.timer(name)?;
        self.begin_clock(clock)?;
        self.disarm(key);
        if at <= clock.now() {
            self.timer_is_due(key);
            return Ok(());
        }
        let moment = self.schedule(clock, at, Due::Timer(key))?;
        self.schedule.timers.insert(key, Some(moment));
        Ok(())
    }

    /// When the timer was due, 0 if it was not armed.
    pub(crate) fn cancel_timer(&mut self, name: mach_port_name_t) -> Result<u64> {
        let key = self.timer(name)?;
        Ok(self.disarm(key).unwrap_or(0))
    }

    /// Gives up all rights under a timer's name.
    pub(crate) fn destroy_timer(&mut self, name: mach_port_name_t) -> Result<()> {
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        if !entry.has(MACH_PORT_TYPE_RECEIVE) {
            return Err(KERN_INVALID_RIGHT);
        }
        self.timer(name)?;
        self.destroy(name)
    }

    fn disarm(&mut self, key: PortKey) -> Option<u64> {
        let moment = self.schedule.timers.get_mut(&key)?.take()?;
        self.unschedule(moment);
        Some(moment.at)
    }

    /// Sends a timer its message, unless the last one waits.
    pub(super) fn timer_is_due(&mut self, key: PortKey) {
        if let Some(armed) = self.schedule.timers.get_mut(&key) {
            *armed = None;
        }
        let waits = self
            .local(key)
            .is_none_or(|local| local.queue.iter().any(is_expiry));
        if !waits {
            let right = self.copy_send(key);
            self.post(expired(right));
        }
    }

    /// A port is a timer no more, if it was one: it has died, or leaves this task.
    pub(crate) fn end_timer(&mut self, key: PortKey) {
        self.disarm(key);
        if self.schedule.timers.remove(&key).is_some() {
            self.release(Right::Send(key));
        }
    }
}
