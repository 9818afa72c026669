//! Links that others bring: each is charged to who brought it, and ends when nobody sends by it any more.
//!
//! A link hangs up with the last copy of its sending end. Whoever brought both of its ends, or one each to two tasks that
//! receive, would have made one that never does, and stays when all its senders are gone. So only who made a pair brings
//! an end of it; and a receiving end that came from elsewhere has a name from then on, which whoever has the other end is
//! shown: a sending end never has such a one.

use std::os::fd::{AsFd, AsRawFd};

use super::super::budget::{Charge, Come};
use super::super::complaints::REFUSED;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::sys::foreign::Foreign;
use crate::sys::packet::Arrival;
use crate::sys::{process, socket};
use crate::wire::parcel;
use crate::wire::tree::{Fd, LinkEnd};

/// What is known of a link that is brought, before there is its end.
struct Bringing {
    port: PortKey,
    link: u64,
    since: u64,
    charge: Option<Charge>,
    sender: Sender,
}

impl Kernel {
    /// Charges a process with the descriptors of a packet. Those of one that has too many are closed, and count as lost.
    pub(crate) fn charge_arrival(
        &mut self,
        pid: i32,
        buffer: &[u8],
        arrival: &mut Arrival,
    ) -> Option<Charge> {
        let numbers = arrival.descriptors.iter();
        let highest = numbers.map(|fd| fd.as_fd().as_raw_fd()).max()?;
        let (mut follow, bytes) = parcel::claims(buffer);
        if arrival.unloaded.is_some() {
            follow = 0;
        }
        let charge = self.charge(
            pid,
            Come {
                count: arrival.descriptors.len(),
                follow,
                highest,
                bytes,
            },
        );
        if charge.is_none() {
            arrival.descriptors.clear();
            arrival.unloaded = Some(false);
            arrival.descriptors_lost = true;
        }
        charge
    }

    /// What comes by the new link was not sent before `since`.
    pub(super) fn add_brought_link(
        &mut self,
        by: LinkKey,
        (end, charge): (LinkEnd, Option<Charge>),
        since: u64,
        sender: Sender,
    ) {
        let Some(port) = self.links.get(by).map(|link| link.port) else {
            return;
        };
        if end.once {
            // Only who has the receive right makes send-once rights.
            return self.complain(sender.pid, REFUSED, &"it is a send-once right's");
        }
        let bringing = Bringing {
            port,
            link: end.link,
            since,
            charge,
            sender,
        };
        if socket::is_listener(&end.fd) {
            // A clone made once fails only for want of descriptors: the further way is then closed, as on any loss.
            if let Ok(listener) = end.fd.into_owned()
                && let Some((end, bringing)) =
                    self.take_ahead(listener, sender.pid, bringing, Self::add_brought)
            {
                self.add_brought(end, bringing);
            }
        } else {
            let own = self.is_own_pair_of(&end.fd, sender);
            let end = own.then(|| end.fd.into_owned().ok()).flatten();
            self.add_brought(end, bringing);
        }
    }

    fn add_brought(&mut self, end: Option<Foreign>, of: Bringing) {
        let Some(end) = end else {
            return self.complain(of.sender.pid, REFUSED, &"nobody can send by it");
        };
        if let Some(link) = self.add_link(of.port, end, of.link, false) {
            self.set_up(link, socket::prepare_receiving);
            self.expect_unstamped(link, of.since);
            self.set_charge(link, of.charge);
            self.say_limit_over(link);
        }
    }

    /// Whether an end is of a pair that its sender made, and nobody receives at the other end. This one has a name now.
    ///
    /// (Slot rule 22: an end that this task made would give its own messages back to it, as its own.)
    pub(crate) fn is_own_pair_of(&self, end: &Fd, sender: Sender) -> bool {
        // Whoever this process's pid namespace does not know has no number in either place.
        let made = socket::maker(end).map(|maker| process::number(maker.pid));
        made == Some(sender.pid) && socket::name_receiving(end)
    }

    pub(crate) fn set_charge(&mut self, link: LinkKey, charge: Option<Charge>) {
        if let Some(link) = self.links.get_mut(link) {
            link.charge = charge.map(Box::new);
        }
    }

    /// Whoever sends by a link has it.
    pub(super) fn recharge_link(&mut self, link: LinkKey, pid: i32) {
        let charge = self
            .links
            .get_mut(link)
            .and_then(|l| l.charge.as_deref_mut());
        if let Some(charge) = charge.filter(|charge| charge.pid != pid) {
            self.budget.recharge(charge, pid);
        }
    }
}
