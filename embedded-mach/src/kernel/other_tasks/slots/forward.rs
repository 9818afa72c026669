//! The replier: what the requester says of the slots of a link.

use std::sync::Arc;

use super::WayBack;
use super::held::Held;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::other_tasks::budget::Charge;
use crate::kernel::ports::ids::LinkKey;
use crate::wire::decode::Malformed;
use crate::wire::tree::{Fd, Slot};

impl Kernel {
    /// Notes the slot that a message opens, as it is read (Slot rule 8).
    pub(crate) fn claim_slot(
        &mut self,
        link: LinkKey,
        slot: Slot,
        sender: Sender,
    ) -> Result<(), Malformed> {
        let Some(link) = self.links.get_mut(link) else {
            return Ok(());
        };
        // Slot rule 27.
        if link.once {
            return Err(Malformed("a slot of a send-once right's link"));
        }
        let Some(back) = &mut link.back else {
            // It was lost for want of descriptors, which the other side sees: the right is dead.
            return Ok(());
        };
        if *back.opener.get_or_insert(sender.pid) != sender.pid {
            return Err(Malformed("slots of two processes"));
        }
        if link.ledger.claim(slot) {
            self.slots_claimed = true;
            Ok(())
        } else {
            Err(Malformed("a slot that is open"))
        }
    }

    /// The way back for the replies to what comes by a link. There may be another one than before once all slots are over.
    pub(crate) fn take_way_back(
        &mut self,
        link: LinkKey,
        (fd, charge): (Fd, Option<Charge>),
        sender: Sender,
    ) -> Result<(), Malformed> {
        let Some(link) = self.links.get_mut(link) else {
            return Ok(());
        };
        if link.once || link.left || !link.ledger.is_empty() {
            return Err(Malformed("a way back while another is in use"));
        }
        // A clone made once fails only for want of descriptors: then it is lost.
        link.back = fd.into_owned().ok().map(|fd| WayBack {
            fd: Arc::new(fd),
            opener: Some(sender.pid),
            _charge: charge,
        });
        Ok(())
    }

    /// The port of some slots has died. Those that are over already need no answer (Slot rules 11 and 13).
    pub(crate) fn take_gone(&mut self, link: LinkKey, slots: Vec<Slot>) {
        for slot in slots {
            let held = self.links.get_mut(link).and_then(|l| l.ledger.get(slot));
            let Some(port) = held.map(|held| held.port) else {
                continue;
            };
            self.give_up_slot(link, slot);
            if let Some(port) = port {
                self.bury(port);
            }
        }
    }

    /// The rights of some slots have links from now on (Slot rule 16). Of those that are over the ends are closed.
    pub(crate) fn take_replacements(&mut self, link: LinkKey, replaced: Vec<(Slot, Fd)>) {
        for (slot, fd) in replaced {
            let Some(ledger) = self.links.get_mut(link).map(|link| &mut link.ledger) else {
                return;
            };
            let Ok(fd) = fd.into_owned() else {
                continue;
            };
            match ledger.get(slot) {
                Some(Held {
                    port: Some(port), ..
                }) => {
                    let port = *port;
                    ledger.take(slot);
                    self.replace_once_end(port, fd);
                }
                Some(held) => held.end = Some(fd),
                None => {}
            }
        }
    }

    /// The links that slots were to have are lost: so are the rights.
    pub(crate) fn lose_replacements(&mut self, link: LinkKey) {
        let Some(link) = self.links.get_mut(link) else {
            return;
        };
        let ledger = std::mem::take(&mut link.ledger);
        for port in ledger.ports() {
            self.bury(port);
        }
    }

    /// The last send right of a link was given up (Slot rule 15).
    pub(crate) fn take_leave(&mut self, link: LinkKey) {
        if let Some(left) = self.links.get_mut(link) {
            left.left = true;
            let port = left.port;
            self.fire_no_senders(port);
        }
    }
}
