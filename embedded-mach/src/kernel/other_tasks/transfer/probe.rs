//! Whether a sending end and a receiving end belong together: what goes into the one must come out of the other.

use std::os::fd::AsFd;

use crate::kernel::Kernel;
use crate::kernel::other_tasks::link::LISTENER;
use crate::kernel::other_tasks::slots::BACK;
use crate::kernel::ports::ids::{LinkKey, key};
use crate::kernel::ports::right::Right;
use crate::sys::random;
use crate::sys::watch::Watch;
use crate::wire::parcel;
use crate::wire::tree::{self, Packet};

/// A number on its way through a link.
#[derive(Debug)]
pub(crate) struct Probe {
    link: LinkKey,
    nonce: u64,
    seen: bool,
}

impl Probe {
    /// A number that this task sent has come out of a link.
    pub(crate) fn came_out(&mut self, link: LinkKey, nonce: u64) {
        self.seen |= self.link == link && self.nonce == nonce;
    }
}

impl Kernel {
    /// Sends a number nobody can guess into `sending` and sees whether it comes out of `link`, from this process.
    ///
    /// All that was in the link before has been read afterwards.
    pub(super) fn belong_together(&mut self, sending: &impl AsFd, link: LinkKey) -> bool {
        self.drain_link(link);
        let nonce = random::number();
        if let Err(errno) = parcel::send(sending.as_fd(), &Packet::Probe(nonce)) {
            // A link that this task has just emptied has room, unless it is another one than it claims to be.
            tracing::debug!(%errno, "a probe could not be sent");
            return false;
        }
        // What else comes out waits for its turn: no other probe is begun before this one has ended.
        self.probe = Some(Probe {
            link,
            nonce,
            seen: false,
        });
        self.drain_link(link);
        self.probe.take().is_some_and(|probe| probe.seen)
    }

    /// Finds the receiving end of a link that a right claims to belong to, and proves the claim.
    ///
    /// The sending end may be a copy of one that its sender goes on using, so the link stays: if it was the last
    /// copy, it ends when that is closed.
    pub(super) fn own_port_of(&mut self, right: &tree::SendRight) -> Option<Right> {
        if !self.receiving.contains_key(&right.link) {
            // The receiving end may wait unread among what came by the links that it was sent over.
            for over in [right.root, right.via] {
                self.drain_port_of(over);
            }
        }
        if !self.receiving.contains_key(&right.link) {
            self.drain_new_clients();
        }
        let receiving = *self.receiving.get(&right.link)?;
        if !self.belong_together(&right.fd, receiving) {
            return None;
        }
        let port = self.links.get(receiving)?.port;
        Some(self.copy_send(port))
    }

    /// Reads all links of the port that a link belongs to, once for all rights of a message: what belongs to them was sent
    /// before it.
    fn drain_port_of(&mut self, id: u64) {
        let Some(port) = self
            .receiving
            .get(&id)
            .and_then(|&link| self.links.get(link))
            .map(|link| link.port)
        else {
            return;
        };
        let (since, now) = (self.arrivals.since(), self.arrivals.count());
        let Some(local) = self.local_mut(port).filter(|local| local.drained < since) else {
            return;
        };
        // What is read from now on counts as later.
        local.drained = now;
        let only = local.links.first().copied();
        let watch = local.watch.clone();
        let looks = local.links.len() / Watch::AT_ONCE + 1;
        // What is read may add links, which may have brought further ones.
        let outer = self.arrivals.expect_links(Some(Vec::new()));
        match (watch, only) {
            (Some(watch), _) => self.drain_ready(&watch, looks),
            (None, Some(only)) => self.drain_link(only),
            (None, None) => {}
        }
        while let Some(fresh) = self.arrivals.next_fresh() {
            self.drain_link(fresh);
        }
        self.arrivals.expect_links(outer);
    }

    /// Reads those of a port's links that have something. Each look shows others, until all have been shown.
    fn drain_ready(&mut self, watch: &Watch, looks: usize) {
        for _ in 0..looks {
            self.arrivals.note_step();
            let ready = watch.ready();
            let may_be_more = ready.is_full();
            for ready in ready.filter(|&ready| ready != LISTENER && ready != Watch::WAKE) {
                if ready & BACK == 0 {
                    self.drain_link(key(ready));
                }
            }
            if !may_be_more {
                return;
            }
        }
    }

    /// Takes up who has connected to this task's bootstrap names, and reads what they first said, once for all rights of a
    /// message.
    fn drain_new_clients(&mut self) {
        let served: Vec<_> = self.services.values().copied().collect();
        let (since, now) = (self.arrivals.since(), self.arrivals.count());
        for port in served {
            if let Some(local) = self.local_mut(port).filter(|local| local.met < since) {
                local.met = now;
                self.pump_all(port);
            }
        }
    }
}
