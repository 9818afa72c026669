//! Whether a port has senders, and the notification that it has none.

use super::no_senders;
use crate::headers::kern_return::KERN_INVALID_RIGHT;
use crate::headers::port::{mach_port_mscount_t, mach_port_name_t};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Kmsg;
use crate::kernel::other_tasks::link::Link;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Purpose;
use crate::kernel::ports::right::Right;

impl Kernel {
    /// Fires a no-senders request if there is one and no sender.
    pub(crate) fn check_no_senders(&mut self, key: PortKey) {
        if self
            .local(key)
            .is_none_or(|local| local.no_senders.is_none())
        {
            return;
        }
        self.pump_all(key);
        self.fire_no_senders(key);
    }

    /// As [`Kernel::check_no_senders`], when the links have just been looked at.
    pub(crate) fn fire_no_senders(&mut self, key: PortKey) {
        if let Some(message) = self.take_no_senders(key) {
            self.post(message);
        }
    }

    /// The notification that is due now that there is no sender, if so and if somebody asked.
    fn take_no_senders(&mut self, key: PortKey) -> Option<Kmsg> {
        if self.has_senders(key) {
            return None;
        }
        let local = self.local_mut(key)?;
        let mscount = local.mscount;
        let notify = local.no_senders.take()?;
        Some(no_senders(notify, mscount))
    }

    /// Counts a send right off, and leaves it to the caller to tell that it was the last.
    pub(crate) fn count_off_sender(&mut self, key: PortKey) -> Option<Kmsg> {
        let port = self.port_mut(key)?;
        port.srights = port.srights.saturating_sub(1);
        self.local(key)?.no_senders.as_ref()?;
        self.pump(key);
        self.take_no_senders(key)
    }

    /// Whether anyone, in this task or another, has a send right.
    pub(crate) fn has_senders(&self, key: PortKey) -> bool {
        let Some(port) = self.port(key) else {
            return false;
        };
        port.srights > 0
            || port.local().is_some_and(|local| {
                !local.services.is_empty()
                    || self.awaited.has_ends_of(key)
                    || local
                        .links
                        .iter()
                        .any(|&link| self.links.get(link).is_some_and(Link::is_sender))
            })
    }

    pub(super) fn request_no_senders(
        &mut self,
        name: mach_port_name_t,
        sync: mach_port_mscount_t,
        notify: Right,
    ) -> std::result::Result<Right, (i32, Right)> {
        let key = match self.requested_port(name) {
            Ok(key) => key,
            Err(code) => return Err((code, notify)),
        };
        let purpose = self.local(key).map(|local| local.purpose);
        if purpose == Some(Purpose::Replies) {
            return Err((KERN_INVALID_RIGHT, notify));
        }
        self.pump_all(key);
        let idle = !self.has_senders(key);
        let Some(local) = self.local_mut(key) else {
            return Err((KERN_INVALID_RIGHT, notify));
        };
        let mscount = local.mscount;
        let previous = local.no_senders.take().unwrap_or(Right::Null);
        if notify == Right::Null {
        } else if idle && sync <= mscount {
            self.post(no_senders(notify, mscount));
        } else {
            local.no_senders = Some(notify);
            self.watch_for_no_senders(key);
        }
        Ok(previous)
    }
}
