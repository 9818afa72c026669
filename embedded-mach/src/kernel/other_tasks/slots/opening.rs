//! The requester: opens slots, and says what becomes of the ports they are for.

use std::os::fd::AsFd;
use std::sync::Arc;

use nix::errno::Errno;

use super::{BACK, Back, State, Use};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Kmsg;
use crate::kernel::ports::ids::{BackKey, PortKey, number};
use crate::kernel::ports::port::SendingEnd;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::{random, socket};
use crate::wire::parcel;
use crate::wire::tree::{Fd, Packet, SLOTS, Slot};

/// A slot that a message opens. It counts once the message has been sent.
#[derive(Debug)]
pub(crate) struct Opened {
    back: BackKey,
    pub(crate) slot: Slot,
}

impl Kernel {
    /// Opens a slot for the reply right of a message that goes by the send right of `key`, if it can be one.
    ///
    /// A real link is made instead beyond the link's slots, for a right that was not made here, and where a receive right
    /// goes along, which may be that of the very port.
    pub(crate) fn open_slot(&mut self, key: PortKey, message: &Kmsg) -> Option<Opened> {
        let Right::SendOnce(replies) = message.local else {
            return None;
        };
        self.local(replies)?;
        if Self::moves_a_port(message) {
            return None;
        }
        let back = self.way_back(key)?;
        self.open_on(back, replies)
    }

    /// As [`Kernel::open_slot`], for a message of nothing else, where the way back is known.
    pub(crate) fn open_known_slot(&mut self, key: PortKey, replies: PortKey) -> Option<Opened> {
        let back = self.back_of(key)?;
        self.local(replies)?;
        self.backs.get(back).filter(|way| !way.spent)?;
        self.open_on(back, replies)
    }

    fn open_on(&mut self, back: BackKey, replies: PortKey) -> Option<Opened> {
        let way = self.backs.get_mut(back)?;
        let (index, free) = way
            .slots
            .iter_mut()
            .enumerate()
            .find(|(_, slot)| slot.state == State::Free)?;
        // Slot rule 10: a slot is used again only after its end was read, and then under another generation.
        let generation = free.generation.wrapping_add(1);
        *free = Use {
            generation,
            state: State::Open(replies),
        };
        let index = index as u16;
        if !way.sources.contains(&replies) {
            self.add_source(replies, back);
        }
        let slot = Slot { index, generation };
        Some(Opened { back, slot })
    }

    /// Frees a slot whose message could not be sent.
    pub(crate) fn close_slot(&mut self, opened: &Opened) {
        let way = self.backs.get_mut(opened.back);
        if let Some(used) = way.and_then(|way| way.used(opened.slot)) {
            used.state = State::Free;
        }
    }

    /// The way back for a port's link. If there is none that can be used one is made, and its other end sent ahead.
    fn way_back(&mut self, key: PortKey) -> Option<BackKey> {
        let before = self.back_of(key);
        if let Some(back) = before
            && self.backs.get(back).is_some_and(|way| !way.spent)
        {
            return before;
        }
        let out = Arc::clone(&self.sending_end(key)?.fd);
        // Slot rule 3: whoever replies is named from the first packet on.
        let (receiving, sending) = socket::link_pair().ok()?;
        let len = parcel::send(out.as_fd(), &Packet::Back(Fd::Owned(sending))).ok()?;
        let back = self.backs.insert(Back::new(receiving, out, key));
        let end = self.sending_end(key)?;
        end.unread.add_other(len);
        end.back = Some(back);
        if let Some(spent) = before {
            self.remove_back(spent);
        }
        Some(back)
    }

    /// Forgets the number of a sending end that is given up.
    pub(crate) fn forget_sending(&mut self, end: &SendingEnd) {
        self.sending.remove(&end.id);
    }

    /// Has a port hear what comes back (Slot rule 9).
    fn add_source(&mut self, port: PortKey, back: BackKey) {
        self.drop_idle_sources(back);
        let Some(local) = self.local_mut(port) else {
            return;
        };
        let several =
            !local.links.is_empty() || !local.services.is_empty() || !local.backs.is_empty();
        let stamping = several || local.stamping || !local.queue.is_empty();
        local.backs.push(back);
        if let Some(way) = self.backs.get_mut(back) {
            way.sources.push(port);
        }
        if several || self.local(port).is_some_and(|local| !local.sets.is_empty()) {
            self.ensure_watch(port);
        }
        if stamping {
            self.stamp_links(port);
        }
        self.watch_back(port, back);
        self.poke_receivers(port);
    }

    /// Has ports for which no slot is open hear no more of a way back, once there are many: the kernel below lets one socket
    /// wake a hundred at most through three watches on top of each other, and fifty through four.
    fn drop_idle_sources(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        if way.sources.len() < SLOTS {
            return;
        }
        let fd = Arc::clone(&way.fd);
        let sources = std::mem::take(&mut way.sources);
        let (open, idle) = sources
            .into_iter()
            .partition(|&source| way.open_for(source) > 0);
        way.sources = open;
        self.forget_back(back, &fd, idle);
    }

    /// Takes a way back out of ports' sources and watches.
    fn forget_back(&mut self, back: BackKey, fd: &Foreign, ports: Vec<PortKey>) {
        for port in ports {
            if let Some(local) = self.local_mut(port) {
                local.backs.retain(|&known| known != back);
                if let Some(watch) = &local.watch {
                    watch.remove(fd.as_fd());
                }
            }
        }
    }

    /// Has a port's watch show what comes back, if there is a watch.
    pub(crate) fn watch_back(&self, port: PortKey, back: BackKey) {
        if let Some(watch) = self.local(port).and_then(|local| local.watch.as_ref())
            && let Some(way) = self.backs.get(back)
        {
            let _ = watch.add(way.fd.as_fd(), BACK | number(back));
        }
    }

    /// Has what comes back be stamped, for its port has other sources (Slot rule 3).
    pub(crate) fn stamp_back(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        if std::mem::replace(&mut way.stamping, true) {
            return;
        }
        let fd = Arc::clone(&way.fd);
        // What is there already was sent before everything that is stamped.
        self.read_back(back);
        let _ = socket::stamp_arrivals(&fd);
    }

    /// A port has died: its slots are gone, and the other side is to hear of it (Slot rule 11).
    pub(crate) fn slots_gone(&mut self, port: PortKey, backs: &[BackKey]) {
        for &back in backs {
            let Some(way) = self.backs.get_mut(back) else {
                continue;
            };
            way.sources.retain(|&source| source != port);
            let mut any = false;
            for slot in &mut way.slots {
                if slot.state == State::Open(port) {
                    slot.state = State::Gone;
                    any = true;
                }
            }
            if any {
                self.say_gone(back);
                // Slot rule 12: nobody else may be there to read the answers.
                self.watch_back_for_end(back);
            }
        }
    }

    /// Says which slots are gone. Without room that is done later.
    pub(super) fn say_gone(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        let gone = way.slots.iter().enumerate();
        let gone = gone.filter(|(_, slot)| slot.state == State::Gone);
        let gone = gone.map(|(index, slot)| Slot {
            index: index as u16,
            generation: slot.generation,
        });
        let packet = Packet::Gone(gone.collect());
        way.unsaid = parcel::send(way.out.as_fd(), &packet) == Err(Errno::EAGAIN);
    }

    /// The last send right of a link goes. The link stays while a slot is open (Slot rule 15).
    pub(crate) fn depart(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        if way.is_idle() || way.spent {
            self.remove_back(back);
            return;
        }
        way.left = true;
        if way.is_due() {
            self.watch_back_for_end(back);
        }
        let Some(way) = self.backs.get(back) else {
            return;
        };
        // Should it not find room the link only counts as a sender's until its last slot is over.
        let _ = parcel::send(way.out.as_fd(), &Packet::Leave);
    }

    /// The port at the other end of a link has died: what came back before that still counts (Slot rule 5).
    pub(crate) fn bury_back(&mut self, back: BackKey) {
        self.close_back(back);
        self.remove_back(back);
    }

    /// Reads what came back to its end, after which nothing comes.
    fn close_back(&mut self, back: BackKey) {
        self.read_back(back);
        if self.backs.get(back).is_some_and(|way| !way.spent) {
            // Its other end may be unread in a socket that the kernel below is about to close.
            self.end_back(back);
            self.take_up_arrivals();
        }
    }

    /// Forgets a way back that nothing comes by any more.
    pub(super) fn remove_back(&mut self, back: BackKey) {
        self.unwatch_back(back);
        if let Some(way) = self.backs.remove(back).filter(|way| way.left) {
            self.unwatch_outward(way.out.as_fd());
        }
    }

    /// Takes a way back out of every watch: after its end it would be ready for ever (Slot rule 6).
    pub(super) fn unwatch_back(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        let fd = Arc::clone(&way.fd);
        let sources = std::mem::take(&mut way.sources);
        self.forget_back(back, &fd, sources);
        self.unwatch_outward(fd.as_fd());
    }

    fn backs_to_replace(&self, port: PortKey) -> Vec<BackKey> {
        let backs = self.local(port).map(|local| local.backs.as_slice());
        backs
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|&back| {
                self.backs
                    .get(back)
                    .is_some_and(|way| way.open_for(port) > 0)
            })
            .collect()
    }

    /// Gives each open slot that leads to a port which is to move a link, and those of other ports on the same ways, too
    /// (Slot rule 16). If it fails nothing has changed of the way at which it failed.
    pub(crate) fn replace_slots(&mut self, port: PortKey) -> bool {
        for back in self.backs_to_replace(port) {
            let Some(way) = self.backs.get(back) else {
                continue;
            };
            let (mut sent, mut kept) = (Vec::new(), Vec::new());
            for (slot, of) in way.open() {
                let Ok((receiving, sending)) = socket::link_pair() else {
                    return false;
                };
                sent.push((slot, Fd::Owned(sending)));
                kept.push((slot, of, receiving));
            }
            let fd = Arc::clone(&way.fd);
            match parcel::send(way.out.as_fd(), &Packet::Replace(sent)) {
                Ok(_) => {}
                Err(Errno::EPIPE) => {
                    // Nobody is there any more: what came back before that ends the slots.
                    self.close_back(back);
                    continue;
                }
                Err(_) => return false,
            }
            if let Some(way) = self.backs.get_mut(back) {
                way.replacing = true;
            }
            // From here on the other side's replies find the way shut, and look for what replaces it.
            socket::shut_reading(&fd);
            self.read_back(back);
            // Slot rule 17: only now is it known which slots there still are.
            for (slot, of, receiving) in kept {
                let Some(way) = self.backs.get_mut(back) else {
                    break;
                };
                if let Some(used) = way.used(slot)
                    && used.state == State::Open(of)
                {
                    used.state = State::Free;
                    self.add_link(of, receiving, random::number(), true);
                }
            }
            if let Some(way) = self.backs.get_mut(back) {
                way.spent = true;
                way.slots = Default::default();
                if way.left {
                    self.remove_back(back);
                }
            }
        }
        true
    }

    /// A port's receive right leaves, and no slot leads to it any more.
    pub(crate) fn leave_backs(&mut self, port: PortKey, backs: &[BackKey]) {
        for &back in backs {
            if let Some(way) = self.backs.get_mut(back) {
                way.sources.retain(|&source| source != port);
            }
        }
    }

    /// The way back over a port's link.
    pub(crate) fn back_of(&self, key: PortKey) -> Option<BackKey> {
        self.port(key)?.remote()?.send.as_ref()?.back
    }

    /// Whether a port's link has slots that are not over.
    pub(crate) fn has_slots(&self, key: PortKey) -> bool {
        let back = self.back_of(key).and_then(|back| self.backs.get(back));
        back.is_some_and(|way| !way.is_idle())
    }
}
