//! Links that others bring: each is charged to who brought it, and ends when nobody sends by it any more.
//!
//! A link hangs up with the last copy of its sending end. Whoever brought both of its ends, or one each to two tasks that
//! receive, would have made one that never does, and stays when all its senders are gone. So only who made a pair brings
//! an end of it; and a receiving end that came from elsewhere has a name from then on, which whoever has the other end is
//! shown: a sending end never has such a one.

use std::os::fd::AsRawFd;

use super::super::budget::{Charge, Come};
use super::super::complaints::REFUSED;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::ports::ids::LinkKey;
use crate::sys::packet::Arrival;
use crate::sys::socket;
use crate::wire::parcel;
use crate::wire::tree::{Fd, LinkEnd};

impl Kernel {
    /// Charges a process with the descriptors of a packet. Those of one that has too many are closed, and count as lost.
    pub(crate) fn charge_arrival(
        &mut self,
        pid: i32,
        buffer: &[u8],
        arrival: &mut Arrival,
    ) -> Option<Charge> {
        let highest = arrival.descriptors.iter().map(AsRawFd::as_raw_fd).max()?;
        let (follow, bytes) = parcel::claims(buffer);
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
        if !self.is_own_pair_of(&end.fd, sender) {
            return self.complain(sender.pid, REFUSED, &"nobody can send by it");
        }
        // A clone made once fails only for want of descriptors: the further way is then closed, as on any loss.
        if let Ok(fd) = end.fd.into_owned() {
            let _ = socket::prepare_receiving(&fd);
            if let Some(link) = self.add_link(port, fd, end.link, false) {
                self.expect_unstamped(link, since);
                self.set_charge(link, charge);
            }
        }
    }

    /// Whether an end is of a pair that its sender made, and nobody receives at the other end. This one has a name now.
    ///
    /// (Slot rule 22: an end that this task made would give its own messages back to it, as its own.)
    pub(crate) fn is_own_pair_of(&self, end: &Fd, sender: Sender) -> bool {
        // Whoever this process's pid namespace does not know has no number in either place.
        let made = socket::maker(end).map(|maker| Sender::number(maker.pid));
        made == Some(sender.pid) && socket::name_receiving(end)
    }

    pub(crate) fn set_charge(&mut self, link: LinkKey, charge: Option<Charge>) {
        if let Some(link) = self.links.get_mut(link) {
            link.charge = charge;
        }
    }

    /// Whoever sends by a link has it.
    pub(super) fn recharge_link(&mut self, link: LinkKey, pid: i32) {
        let charge = self.links.get_mut(link).and_then(|l| l.charge.as_mut());
        if let Some(charge) = charge.filter(|charge| charge.pid != pid) {
            self.budget.recharge(charge, pid);
        }
    }
}
