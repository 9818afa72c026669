//! Links: the ways by which other tasks' messages come to the ports of this one.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use nix::errno::Errno;

use super::Kernel;
use super::arrivals::Arrived;
use super::ids::{LinkKey, PortKey, key, number};
use super::kmsg::{Kmsg, Sender};
use super::notify;
use super::right::Right;
use crate::sys::packet::{self, Arrival};
use crate::sys::watch::Watch;
use crate::sys::{clock, random, socket};
use crate::wire::decode::decode;
use crate::wire::parcel;
use crate::wire::tree::{LinkEnd, Packet};

/// A receiving end.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) fd: Arc<OwnedFd>,
    pub(crate) port: PortKey,
    /// It belongs to a send-once right.
    pub(crate) once: bool,
    /// The number under which both sides know it. A hint, never a proof.
    pub(crate) id: u64,
    /// How many of its messages are in the port's queue; it is read again when there is none.
    pub(crate) in_hand: u32,
    /// How many links its holder has added.
    pub(crate) brought: u32,
    /// When its last packet was sent, as far as is known.
    last: u64,
}

impl Link {
    fn new(fd: OwnedFd, port: PortKey, once: bool, id: u64) -> Self {
        Self {
            fd: Arc::new(fd),
            port,
            once,
            id,
            in_hand: 0,
            brought: 0,
            last: 0,
        }
    }

    /// The time by which a packet is put in order, which is after that of all packets before it: one that waited
    /// when stamping began gets its stamp from the kernel below as late as it is read.
    fn in_order(&mut self, stamp: u64) -> u64 {
        self.last = stamp.max(self.last.saturating_add(1));
        self.last
    }
}

/// How many links one link may bring: a holder that hands out more copies must get a further right for it.
const MAX_BROUGHT: u32 = 4096;
/// How many packets are read from a link to find what is behind them: more than its buffer holds.
const MAX_DRAINED: usize = 4096;
/// How many packets that are no messages are read from a link in one go.
const MAX_CONTROL: usize = 64;
/// The number under which a port's own listening socket is watched. No key has it.
const LISTENER: u64 = 0;

impl Kernel {
    /// Adds a way to a port.
    pub(crate) fn add_link(
        &mut self,
        port: PortKey,
        fd: OwnedFd,
        id: u64,
        once: bool,
    ) -> Option<LinkKey> {
        let local = self.local_mut(port)?;
        let several = !local.links.is_empty() || !local.services.is_empty();
        let stamping = several || !local.queue.is_empty();
        let link = self.links.insert(Link::new(fd, port, once, id));
        self.receiving.entry(id).or_insert(link);
        let local = self.local_mut(port)?;
        local.links.push(link);
        if stamping {
            self.stamp_links(port);
        }
        if several {
            self.ensure_watch(port);
        }
        self.watch_link(port, link);
        self.poke_receivers(port);
        Some(link)
    }

    /// Has the kernel below note when packets arrive, so that they can be put in order with others.
    fn stamp_links(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if std::mem::replace(&mut local.stamping, true) {
            // All but the newest are stamped already.
            let newest = local.links.last().copied();
            if let Some(link) = newest.and_then(|link| self.links.get(link)) {
                let _ = socket::stamp_arrivals(&link.fd);
            }
            return;
        }
        for link in local.links.clone() {
            if let Some(link) = self.links.get(link) {
                // Without stamps packets count as older than all others: only the order suffers.
                let _ = socket::stamp_arrivals(&link.fd);
            }
        }
    }

    fn watch_link(&self, port: PortKey, link: LinkKey) {
        if let Some(watch) = self.local(port).and_then(|local| local.watch.as_ref())
            && let Some(link_ref) = self.links.get(link)
        {
            // Fails for want of memory only; the link is then read when another source wakes the receiver.
            let _ = watch.add(link_ref.fd.as_fd(), number(link));
        }
    }

    /// Makes the one descriptor that shows whether any of a port's links has something.
    pub(crate) fn ensure_watch(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if local.watch.is_some() {
            return;
        }
        let Ok(watch) = Watch::new() else { return };
        for service in &local.services {
            let _ = watch.add(service.listener().as_fd(), LISTENER);
        }
        let links = local.links.clone();
        let sets = local.sets.clone();
        local.watch = Some(watch);
        for link in links {
            self.watch_link(port, link);
        }
        for set in sets {
            self.watch_member(set, port);
        }
        self.watch_for_no_senders(port);
    }

    /// Ends a link. With it goes a sender, or an unused send-once right.
    pub(crate) fn end_link(&mut self, link: LinkKey) {
        let Some(ended) = self.remove_link(link) else {
            return;
        };
        if ended.once {
            if let Some(port) = self.port_mut(ended.port) {
                port.sorights += 1;
            }
            self.post(notify::send_once(Right::SendOnce(ended.port)));
        } else {
            self.fire_no_senders(ended.port);
        }
    }

    /// Forgets a link without saying so to anyone.
    pub(crate) fn remove_link(&mut self, link: LinkKey) -> Option<Link> {
        let ended = self.links.remove(link)?;
        if self.receiving.get(&ended.id) == Some(&link) {
            self.receiving.remove(&ended.id);
        }
        if let Some(local) = self.local_mut(ended.port) {
            local.links.retain(|&l| l != link);
            if let Some(watch) = &local.watch {
                watch.remove(ended.fd.as_fd());
            }
        }
        Some(ended)
    }

    /// Takes what has arrived by a port's links, at most one message of each, into its queue; where a great many links
    /// have something, some of it.
    pub(crate) fn pump(&mut self, port: PortKey) {
        self.pump_some(port);
    }

    /// As [`Kernel::pump`], but all of it: for who asks what senders there are.
    pub(crate) fn pump_all(&mut self, port: PortKey) {
        let links = self.local(port).map_or(0, |local| local.links.len());
        // Each look shows others, until all have been shown.
        for _ in 0..=links / Watch::AT_ONCE {
            if !self.pump_some(port) {
                return;
            }
        }
    }

    /// Whether there may be more.
    fn pump_some(&mut self, port: PortKey) -> bool {
        let Some(local) = self.local(port) else {
            return false;
        };
        let Some(watch) = &local.watch else {
            if let Some(&only) = local.links.first() {
                self.read_link(only);
            }
            return false;
        };
        let ready = watch.ready();
        let may_be_more = ready.is_full();
        for ready in ready {
            if ready == LISTENER {
                self.accept_links(port);
            } else {
                self.read_link(key(ready));
            }
        }
        may_be_more
    }

    fn accept_links(&mut self, port: PortKey) {
        let mut accepted = Vec::new();
        for service in self
            .local_mut(port)
            .map(|local| local.services.as_mut_slice())
            .unwrap_or_default()
        {
            service.accept_into(&mut accepted);
        }
        for fd in accepted {
            // A number of this task's own: nobody else knows the link by one.
            if let Some(link) = self.add_link(port, fd, random::number(), false) {
                // Who connected may have sent already, and who looks now is to find it.
                self.read_link(link);
            }
        }
    }

    /// Has a port served under one more bootstrap name.
    pub(crate) fn add_service(&mut self, port: PortKey, service: super::directory::Service) {
        super::task::withdraw_names_at_exit();
        self.services.insert(service.name().to_owned(), port);
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if let Some(watch) = &local.watch {
            let _ = watch.add(service.listener().as_fd(), LISTENER);
        }
        local.services.push(service);
        self.stamp_links(port);
        self.ensure_watch(port);
        self.poke_receivers(port);
    }

    /// Reads a link up to its next message, unless that is in the queue already.
    pub(crate) fn read_link(&mut self, link: LinkKey) {
        if self.links.get(link).is_some_and(|link| link.in_hand == 0) {
            self.read_packets(link, MAX_CONTROL, false);
        }
    }

    /// Reads all that a link holds now, for the sake of control packets behind messages.
    pub(crate) fn drain_link(&mut self, link: LinkKey) {
        self.read_packets(link, MAX_DRAINED, true);
    }

    fn read_packets(&mut self, link: LinkKey, most: usize, beyond_messages: bool) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(parcel::PACKET, 0);
        for _ in 0..most {
            let Some(reading) = self.links.get(link).filter(|_| self.arrivals.admit()) else {
                break;
            };
            let arrived = match packet::receive(reading.fd.as_fd(), &mut buffer) {
                Err(Errno::EAGAIN) => break,
                Err(_) => Some(Arrived::End),
                Ok(arrival) => self.take_packet(link, &buffer, arrival),
            };
            if let Some(arrived) = arrived {
                let is_last = !beyond_messages || matches!(arrived, Arrived::End);
                self.arrivals.add(link, arrived);
                if is_last {
                    break;
                }
            }
        }
        self.buffer = buffer;
        self.take_up_arrivals();
    }

    /// Acts on one packet. What must wait for its turn is returned.
    fn take_packet(&mut self, link: LinkKey, buffer: &[u8], arrival: Arrival) -> Option<Arrived> {
        let Some(credentials) = arrival.credentials.filter(|_| arrival.len > 0) else {
            // The end, or an empty packet, which no library of ours sends.
            return Some(Arrived::End);
        };
        let sender = Sender::from_credentials(credentials);
        let stamp = self.links.get_mut(link)?.in_order(arrival.stamp);
        if arrival.descriptors_lost {
            tracing::warn!(
                pid = sender.pid,
                "descriptors of a message were lost: too many are open"
            );
            let id = parcel::peek_id(buffer).unwrap_or(0);
            return Some(Arrived::Stump { id, sender, stamp });
        }
        let packet = parcel::open(buffer, arrival)
            .and_then(|payload| decode(payload.kind, &payload.bytes, payload.descriptors));
        match packet {
            Ok(Packet::Message(message)) => {
                return Some(Arrived::Message {
                    message,
                    sender,
                    stamp,
                });
            }
            Ok(Packet::AddLink(end)) => self.add_brought_link(link, end),
            Ok(Packet::Hello(id)) => self.name_link(link, id),
            Ok(Packet::Probe(nonce)) => {
                // Only this task's own probe counts, and the kernel below says whose it is.
                if sender.pid == self.pid
                    && let Some(probe) = &mut self.probe
                {
                    probe.came_out(link, nonce);
                }
            }
            Err(error) => {
                tracing::warn!(%error, pid = sender.pid, "closed the link of a peer that broke the protocol");
                return Some(Arrived::End);
            }
        }
        None
    }

    /// Puts a message that came by a link into its port's queue.
    pub(crate) fn deliver(&mut self, link: LinkKey, mut message: Kmsg, stamp: u64) {
        let Some(from) = self.links.get_mut(link) else {
            self.destroy_message(message);
            return;
        };
        let port = from.port;
        message.stamp = stamp;
        if from.once {
            self.remove_link(link);
            message.remote = self.make_send_once(port);
        } else {
            from.in_hand += 1;
            message.link = Some(link);
            message.remote = self.copy_send(port);
        }
        self.enqueue(port, message);
    }

    fn add_brought_link(&mut self, by: LinkKey, end: LinkEnd) {
        let Some(link) = self.links.get_mut(by) else {
            return;
        };
        let port = link.port;
        if link.brought >= MAX_BROUGHT {
            tracing::warn!("a link brought more links than one may");
            return;
        }
        link.brought += 1;
        if end.once {
            // Only who has the receive right makes send-once rights.
            tracing::warn!("a link brought a send-once right");
            return;
        }
        // A clone made once fails only for want of descriptors: the further way is then closed, as on any loss.
        if let Ok(fd) = end.fd.into_owned() {
            let _ = socket::prepare_receiving(&fd);
            self.add_link(port, fd, end.link, false);
        }
    }

    /// The holder of a link that came by a bootstrap name says by what number it will speak of it.
    fn name_link(&mut self, link: LinkKey, id: u64) {
        if self.receiving.contains_key(&id) {
            return;
        }
        let Some(named) = self.links.get_mut(link) else {
            return;
        };
        let before = std::mem::replace(&mut named.id, id);
        if self.receiving.get(&before) == Some(&link) {
            self.receiving.remove(&before);
        }
        self.receiving.insert(id, link);
    }

    /// Puts a message where its time of sending belongs in a port's queue, and tells who waits.
    pub(crate) fn enqueue(&mut self, port: PortKey, mut message: Kmsg) {
        let Some(local) = self.local_mut(port) else {
            self.destroy_message(message);
            return;
        };
        if message.link.is_none() && message.stamp == 0 {
            // After every earlier message of this task's own, also if the clock was set back in between.
            let own = local.queue.iter().rfind(|queued| queued.link.is_none());
            let floor = own.map_or(0, |queued| queued.stamp);
            // What came by a link is stamped even when that link is gone: its port has come home, with its queue.
            let stamped = local.queue.iter().any(|queued| queued.stamp > 0);
            if stamped || !local.links.is_empty() || local.stamping {
                message.stamp = clock::now_stamp().max(floor);
            }
            if !local.links.is_empty() && !local.stamping {
                self.stamp_links(port);
            }
        }
        let Some(local) = self.local_mut(port) else {
            return;
        };
        let at = local
            .queue
            .iter()
            .rposition(|queued| queued.stamp <= message.stamp)
            .map_or(0, |before| before + 1);
        local.queue.insert(at, message);
        self.message_arrived(port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_one_link_stay_in_order() {
        let (fd, _other) = socket::link_pair().unwrap();
        let mut link = Link::new(fd, PortKey::default(), false, 1);
        // Without stamps, with one from when it was read, with one from when it was sent before that.
        let stamps = [0, 0, 1000, 900, 2000].map(|stamp| link.in_order(stamp));
        assert_eq!(stamps, [1, 2, 1000, 1001, 2000]);
    }
}
