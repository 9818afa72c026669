//! The replier: send-once rights that are slots of links to its ports.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use nix::errno::Errno;

use crate::kernel::Kernel;
use crate::kernel::other_tasks::complaints::{CLOSED, NOBODY};
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::kernel::ports::port::{Home, OnceEnd};
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::socket;
use crate::wire::parcel;
use crate::wire::tree::{Fd, Packet, SLOTS, Slot};

/// What a reply may have that has room whatever else waits: as many of these as there are slots fit into a link's buffer
/// (Slot rule 25).
pub(crate) const SMALL: usize = 1900;

/// The payload that such a reply makes at most.
const SMALL_PACKET: usize = 2048;

/// The slots of a link that are open, as the replier knows.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    held: Vec<Option<Held>>,
}

/// An open slot.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) generation: u32,
    /// What the right is here, once the message that brought it is taken up.
    pub(super) port: Option<PortKey>,
    /// The link that the right has from now on, which came before the right was taken up.
    pub(super) end: Option<Foreign>,
}

impl Ledger {
    pub(super) fn get(&mut self, slot: Slot) -> Option<&mut Held> {
        let held = self.held.get_mut(usize::from(slot.index))?.as_mut()?;
        (held.generation == slot.generation).then_some(held)
    }

    pub(super) fn take(&mut self, slot: Slot) -> Option<Held> {
        self.get(slot)?;
        self.held.get_mut(usize::from(slot.index))?.take()
    }

    /// Notes a claim; `false` if the slot is open.
    pub(super) fn claim(&mut self, slot: Slot) -> bool {
        if self.held.is_empty() {
            self.held.resize_with(SLOTS, || None);
        }
        let Some(free @ None) = self.held.get_mut(usize::from(slot.index)) else {
            return false;
        };
        *free = Some(Held {
            generation: slot.generation,
            port: None,
            end: None,
        });
        true
    }

    /// Whether no slot is open.
    pub(super) fn is_empty(&self) -> bool {
        self.held.iter().all(Option::is_none)
    }

    /// The ports that rights of the link are here.
    pub(crate) fn ports(&self) -> Vec<PortKey> {
        self.held
            .iter()
            .flatten()
            .filter_map(|held| held.port)
            .collect()
    }

    /// The slots that have been claimed by messages which are not taken up yet.
    pub(super) fn pending(&self) -> Vec<Slot> {
        let held = self.held.iter().enumerate();
        held.filter_map(|(index, held)| {
            let held = held.as_ref().filter(|held| held.port.is_none())?;
            Some(Slot {
                index: index as u16,
                generation: held.generation,
            })
        })
        .collect()
    }
}

impl Kernel {
    /// The right that a message has brought as a slot.
    pub(crate) fn import_slot(&mut self, link: LinkKey, slot: Slot) -> Right {
        let held = self.links.get_mut(link).and_then(|l| l.ledger.get(slot));
        let Some(held) = held else {
            // Its port has died since, or the link has ended.
            return Right::Dead;
        };
        if let Some(end) = held.end.take() {
            if let Some(link) = self.links.get_mut(link) {
                link.ledger.take(slot);
            }
            return self.import_once(end);
        }
        let mut remote = self.empty_remote();
        remote.once.push(OnceEnd::Slot { link, slot });
        let key = self.add_port(Home::Remote(remote));
        if let Some(held) = self.links.get_mut(link).and_then(|l| l.ledger.get(slot)) {
            held.port = Some(key);
        }
        self.make_send_once(key)
    }

    /// The slot that a send-once right is.
    pub(crate) fn slot_of(&self, key: PortKey) -> Option<(LinkKey, Slot)> {
        match self.port(key)?.remote()?.once.last()? {
            OnceEnd::Slot { link, slot } => Some((*link, *slot)),
            OnceEnd::Link { .. } => None,
        }
    }

    /// The end by which a slot that is still open is answered.
    pub(crate) fn answering_end(&mut self, link: LinkKey, slot: Slot) -> Option<Arc<Foreign>> {
        let link = self.links.get_mut(link)?;
        link.ledger.get(slot)?;
        Some(Arc::clone(&link.back.as_ref()?.fd))
    }

    /// A slot has been answered: it is not open any more.
    pub(crate) fn answered(&mut self, link: LinkKey, slot: Slot) {
        if let Some(link) = self.links.get_mut(link) {
            link.ledger.take(slot);
        }
    }

    /// Gives up a right that was a slot, unused.
    pub(crate) fn give_up_slot(&mut self, link: LinkKey, slot: Slot) {
        let Some(fd) = self.answering_end(link, slot) else {
            return;
        };
        // Before anything else is read, by which the right could be taken up.
        self.answered(link, slot);
        match parcel::send(fd.as_fd(), &Packet::Unused(slot)) {
            Ok(_) => {}
            // Slot rule 18: a link may be on its way for it, which is closed, then, with the right.
            Err(Errno::EPIPE) => self.drain_link(link),
            // Slot rule 26: there is always room for the end of a slot, unless the other side took it.
            Err(_) => self.break_link(link),
        }
    }

    /// Makes a link of a right that is a slot. `false` if that cannot be: it is as it was, or dead.
    pub(crate) fn convert_slot(&mut self, key: PortKey) -> bool {
        if self.slot_of(key).is_none() {
            return true;
        }
        let Ok(pair) = socket::link_pair() else {
            return false;
        };
        self.convert_slot_to(key, pair)
    }

    pub(crate) fn convert_slot_to(&mut self, key: PortKey, pair: (Foreign, Foreign)) -> bool {
        let Some((link, slot)) = self.slot_of(key) else {
            return true;
        };
        let Some(fd) = self.answering_end(link, slot) else {
            return false;
        };
        let (receiving, sending) = pair;
        match parcel::send(fd.as_fd(), &Packet::Convert(slot, Fd::Owned(receiving))) {
            Ok(_) => {
                self.answered(link, slot);
                self.replace_once_end(key, sending);
                true
            }
            Err(Errno::EAGAIN) => {
                self.break_link(link);
                false
            }
            Err(Errno::EPIPE) => {
                // Slot rule 18.
                self.drain_link(link);
                self.slot_of(key).is_none() && self.is_remote(key)
            }
            Err(_) => false,
        }
    }

    fn is_remote(&self, key: PortKey) -> bool {
        self.port(key).is_some_and(|port| port.remote().is_some())
    }

    /// A right that was a slot has a sending end from now on.
    pub(super) fn replace_once_end(&mut self, key: PortKey, fd: Foreign) {
        if let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut()) {
            remote.once = vec![OnceEnd::Link {
                fd: Arc::new(fd),
                id: 0,
            }];
        }
    }

    /// Reads what the other side has said of the rights that are slots of a link, if there are any.
    pub(crate) fn hear_of_slots(&mut self, link: LinkKey) {
        let held = self.links.get(link).map(|link| link.ledger.ports());
        if held.is_some_and(|held| !held.is_empty()) {
            self.drain_link(link);
        }
    }

    /// Makes links of all rights that are slots of a link (Slot rules 19 and 20).
    pub(crate) fn convert_slots(&mut self, link: LinkKey) -> bool {
        let ports = self.links.get(link).map(|link| link.ledger.ports());
        for port in ports.unwrap_or_default() {
            if !self.convert_slot(port) && self.slot_of(port).is_some() {
                return false;
            }
        }
        let pending = self.links.get(link).map(|link| link.ledger.pending());
        for slot in pending.unwrap_or_default() {
            self.give_up_slot(link, slot);
        }
        true
    }

    /// Ends a link whose other side broke a rule, for both.
    pub(crate) fn break_link(&mut self, link: LinkKey) {
        if let Some(link) = self.links.get(link) {
            socket::shut_down(&link.fd);
            if let Some(back) = &link.back {
                socket::shut_down(&back.fd);
            }
            let pid = link
                .back
                .as_ref()
                .and_then(|back| back.opener)
                .unwrap_or(NOBODY);
            self.complain(pid, CLOSED, &"no room for the end of a slot");
        }
        self.end_link(link);
    }
}

/// Sends a reply back. What is long travels in the packet only where that leaves room for the ends of all other slots.
pub(crate) fn send_reply(to: BorrowedFd<'_>, packet: &Packet, len: usize) -> Result<usize, Errno> {
    let small = (socket::weight(SMALL_PACKET) as usize).saturating_mul(SLOTS);
    let all = || small.saturating_add(socket::weight(len) as usize);
    let inline = if len > SMALL && socket::free(to) as usize >= all() {
        parcel::INLINE
    } else {
        SMALL_PACKET
    };
    parcel::send_within(to, packet, inline)
}
