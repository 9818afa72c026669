//! What comes out of links.

use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;

use super::unstamped::Unstamped;
use super::{LISTENER, Link};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::messages::receive::Way;
use crate::kernel::other_tasks::arrivals::Arrived;
use crate::kernel::other_tasks::complaints::{CLOSED, LOST, NOBODY, TURNED_AWAY};
use crate::kernel::other_tasks::slots::BACK;
use crate::kernel::ports::ids::{LinkKey, PortKey, key};
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::packet::{self, Arrival};
use crate::sys::place::Place;
use crate::sys::watch::{Keys, Watch};
use crate::sys::{process, random, socket};
use crate::wire::decode::Malformed;
use crate::wire::parcel::{self, Payload};
use crate::wire::plain::{self, Plain};
use crate::wire::records;
use crate::wire::tree::{self, Packet};

/// How many clients are taken up in one go: others of the port wait meanwhile.
const MOST_ACCEPTED: usize = 64;
/// After how many descriptors no more messages are read in one go.
const MOST_DESCRIPTORS: u64 = 1024;
/// How many packets are read from a link to find what is behind them: more than its buffer holds.
const MAX_DRAINED: usize = 4096;
/// How many packets that are no messages are read from a link in one go.
const MAX_CONTROL: usize = 64;

/// What was taken from a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Nothing that has to wait for its turn.
    Nothing,
    Message,
    End,
}

/// What a link had.
#[derive(Debug)]
pub(crate) enum Read {
    /// A message that goes to its receiver as it is, with its reply right.
    Plain(Plain, Right),
    /// Nothing.
    Nothing,
    /// Something else, which has been acted on or is in the port's queue.
    Other,
}

impl Kernel {
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
            let (link, back) = (local.links.first().copied(), local.backs.first().copied());
            if let Some(only) = link {
                self.read_link(only);
            } else if let Some(only) = back {
                self.read_back(only);
            }
            return false;
        };
        let ready = watch.ready();
        let may_be_more = ready.is_full();
        self.pump_ready(port, ready);
        may_be_more
    }

    /// As [`Kernel::pump`], of what a port's watch has just shown.
    pub(crate) fn pump_ready(&mut self, port: PortKey, ready: Keys) {
        let before = self.budget.ever;
        for ready in ready {
            // What is left is shown again: other threads wait while rights are taken up.
            if self.budget.ever.saturating_sub(before) > MOST_DESCRIPTORS {
                break;
            }
            match ready {
                LISTENER => self.accept_links(port),
                Watch::WAKE => {}
                back if back & BACK != 0 => self.read_back(key(back & !BACK)),
                link => self.read_link(key(link)),
            }
        }
    }

    fn accept_links(&mut self, port: PortKey) {
        let mut accepted = Vec::new();
        let mut trouble = None;
        for service in self
            .local_mut(port)
            .map(|local| local.services.as_mut_slice())
            .unwrap_or_default()
        {
            trouble = service
                .accept_into(&mut accepted, MOST_ACCEPTED)
                .err()
                .or(trouble);
        }
        if let Some(trouble) = trouble {
            self.complain(NOBODY, TURNED_AWAY, &trouble);
        }
        self.add_clients(port, accepted);
    }

    /// Adds links to a port for those who connected to a name of its, each with a time before which it had sent nothing.
    pub(crate) fn add_clients(&mut self, port: PortKey, accepted: Vec<(Foreign, u64)>) {
        // Who connected may have sent already. All of that is read before any is taken up, for which others may be accepted.
        let is_only = self.arrivals.begin();
        for (mut fd, since) in accepted {
            let pid = socket::peer(&fd).map_or(NOBODY, |peer| process::number(peer.pid));
            fd.sent_by(pid);
            let charge = self.charge_link(pid, fd.as_fd().as_raw_fd());
            if charge.is_none() {
                self.complain(pid, TURNED_AWAY, &"it has too many links here");
                continue;
            }
            // A number of this task's own: nobody else knows the link by one.
            if let Some(link) = self.add_link(port, fd, random::number(), false) {
                self.expect_unstamped(link, since);
                self.set_charge(link, charge);
                self.say_limit_over(link);
                self.read_link(link);
            }
        }
        if is_only {
            self.arrivals.end();
            self.take_up_arrivals();
        }
    }

    /// Reads a link up to its next message, unless that is in the queue already.
    pub(crate) fn read_link(&mut self, link: LinkKey) {
        if self.links.get(link).is_some_and(|link| link.in_hand == 0) {
            self.read_packets(link, MAX_CONTROL, false);
        }
    }

    /// Reads the next packet of a way, for [`Kernel::take_read`].
    pub(crate) fn read_way(&mut self, way: Way, place: &mut Place) -> Result<Arrival, Errno> {
        let fd = match way {
            Way::Link(link) => self.links.get(link).map(|link| &link.fd),
            Way::Back(back) => self.backs.get(back).map(|back| &back.fd),
        };
        fd.map_or(Err(Errno::EAGAIN), |fd| {
            packet::receive_to(fd.as_fd(), place)
        })
    }

    /// Room for a packet, which [`Kernel::take_read`] takes back.
    pub(crate) fn packet_buffer(&mut self) -> Vec<u8> {
        let buffer = std::mem::take(&mut self.buffer);
        if buffer.len() == parcel::PACKET {
            return buffer;
        }
        // Zeros that the allocator need not write: a process that is sent little touches a page or two of it.
        vec![0; parcel::PACKET]
    }

    pub(crate) fn return_buffer(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    /// Takes what was read of a way on which `port` waits. What is not a message for it with nothing but up to `room` bytes
    /// goes the long way.
    pub(crate) fn take_read(
        &mut self,
        way: Way,
        port: PortKey,
        room: usize,
        mut place: Place,
        got: Result<Arrival, Errno>,
    ) -> Read {
        let read = match (way, self.arrivals.note_want(got)) {
            (_, Err(Errno::EAGAIN | Errno::EINTR)) => Read::Nothing,
            (Way::Link(link), got) => self.take_from_link(link, room, &mut place, got),
            (Way::Back(back), got) => self.take_from_back(back, port, room, &mut place, got),
        };
        self.return_buffer(place.into_own());
        if matches!(read, Read::Other) {
            self.take_up_arrivals();
        }
        read
    }

    fn take_from_link(
        &mut self,
        link: LinkKey,
        room: usize,
        place: &mut Place,
        got: Result<Arrival, Errno>,
    ) -> Read {
        let arrived = match got {
            Err(_) => Some(Arrived::End),
            Ok(arrival) => match plain::open(place, &arrival, room) {
                Some(message) if self.claims_well(link, &message) => {
                    if let Some(link) = self.links.get_mut(link) {
                        let len = arrival.len;
                        let (_, stamp) = Unstamped::next(&mut link.unstamped, len, message.stamp);
                        link.in_order(stamp);
                    }
                    self.recharge_link(link, process::number(message.credentials.pid));
                    let right = match message.slot {
                        Some(slot) => self.import_slot(link, slot),
                        None => Right::Null,
                    };
                    return Read::Plain(message, right);
                }
                Some(_) => Some(Arrived::End),
                None => self.take_packet(link, place.gather(arrival.len), arrival),
            },
        };
        if let Some(arrived) = arrived {
            self.arrivals.add(link, arrived);
        }
        Read::Other
    }

    /// Whether a message may come by a link, with the slot that it opens.
    fn claims_well(&mut self, link: LinkKey, message: &Plain) -> bool {
        let sender = Sender::from_credentials(message.credentials);
        let left = self.links.get(link).is_some_and(|link| link.left);
        !left
            && message
                .slot
                .is_none_or(|slot| self.claim_slot(link, slot, sender).is_ok())
    }

    /// Reads all that a link holds now, for the sake of control packets behind messages.
    pub(crate) fn drain_link(&mut self, link: LinkKey) {
        self.read_packets(link, MAX_DRAINED, true);
    }

    fn read_packets(&mut self, link: LinkKey, most: usize, beyond_messages: bool) {
        let mut buffer = self.packet_buffer();
        for _ in 0..most {
            let light =
                |link: &&Link| link.unreceived.admits() && self.arrivals.admit() && !link.is_held();
            if self.links.get(link).filter(light).is_none() {
                break;
            }
            let got = match self.receive_by(link, &mut buffer) {
                Err(Errno::EAGAIN) => break,
                got => got,
            };
            let taken = self.take_one(link, &buffer, got);
            if taken == Taken::End || (taken == Taken::Message && !beyond_messages) {
                break;
            }
        }
        if let Some(link) = self.links.get_mut(link) {
            link.cut_short = link.is_held() && (beyond_messages || link.cut_short);
        }
        self.return_buffer(buffer);
        self.take_up_arrivals();
    }

    /// Takes what a read has brought. What must wait for its turn does so.
    pub(super) fn take_one(
        &mut self,
        link: LinkKey,
        buffer: &[u8],
        got: Result<Arrival, Errno>,
    ) -> Taken {
        let arrived = match self.arrivals.note_want(got) {
            Err(Errno::EAGAIN) => None,
            Err(_) => Some(Arrived::End),
            Ok(arrival) => self.take_packet(link, buffer, arrival),
        };
        let Some(arrived) = arrived else {
            return Taken::Nothing;
        };
        let taken = match arrived {
            Arrived::End => Taken::End,
            _ => Taken::Message,
        };
        self.arrivals.add(link, arrived);
        taken
    }

    /// Acts on one packet. What must wait for its turn is returned.
    fn take_packet(
        &mut self,
        link: LinkKey,
        buffer: &[u8],
        mut arrival: Arrival,
    ) -> Option<Arrived> {
        if parcel::has_carrier(buffer, &arrival) {
            arrival = self.unload(link, buffer, arrival)?;
        }
        let Some(credentials) = arrival.credentials.filter(|_| arrival.len > 0) else {
            // The end, or an empty packet, which no library of ours sends.
            return Some(Arrived::End);
        };
        let sender = Sender::from_credentials(credentials);
        let mut charge = self.charge_arrival(sender.pid, buffer, &mut arrival);
        self.recharge_link(link, sender.pid);
        // Where there may be no stamp its sender's word counts, for as long only as it may be true.
        let (earliest, stamp) = {
            let link = self.links.get_mut(link)?;
            Unstamped::next(&mut link.unstamped, arrival.len, arrival.stamp)
        };
        if arrival.descriptors_lost {
            self.complain(
                sender.pid,
                LOST,
                &"too many are open, or too many of this process's",
            );
            let id = parcel::peek_id(buffer).unwrap_or(0);
            match parcel::peek(buffer) {
                Some((records::MESSAGE, Some(slot)))
                    if self.claim_slot(link, slot, sender).is_ok() =>
                {
                    // The right that it brought goes with what it was to bring.
                    self.give_up_slot(link, slot);
                }
                Some((records::REPLACE, _)) => {
                    self.lose_replacements(link);
                    return None;
                }
                // It was no message, and nobody need receive one.
                Some((records::ADD_LINK | records::BACK, _)) => return None,
                _ => {}
            }
            let stamp = self.links.get_mut(link)?.in_order(stamp);
            return Some(Arrived::Stump { id, sender, stamp });
        }
        let packet = parcel::open(buffer, arrival).and_then(Payload::packet);
        let packet = packet.and_then(|packet| self.admit(link, packet, sender));
        match packet {
            Ok(Packet::Message(message)) => {
                let stamp = message.sent.clamp(earliest, stamp);
                let stamp = self.links.get_mut(link)?.in_order(stamp);
                if let Some(charge) = &mut charge
                    && !charge.add_bytes(message.weight_of_memory())
                {
                    self.complain(sender.pid, LOST, &"they say to have too much memory");
                    if let tree::Right::Slot(slot) = message.reply {
                        self.give_up_slot(link, slot);
                    }
                    let id = message.id;
                    return Some(Arrived::Stump { id, sender, stamp });
                }
                let link = self.links.get_mut(link)?;
                // Whoever sends files without contents is charged what they say.
                link.unreceived.add(message.weight());
                return Some(Arrived::Message {
                    message,
                    sender,
                    stamp,
                    charge,
                });
            }
            Ok(Packet::AddLink(end)) => {
                self.add_brought_link(link, (end, charge.take()), earliest, sender);
            }
            Ok(Packet::Back(end)) => {
                if let Err(error) = self.take_way_back(link, (end, charge.take()), sender) {
                    self.complain(sender.pid, CLOSED, &error);
                    return Some(Arrived::End);
                }
            }
            Ok(Packet::Gone(slots)) => self.take_gone(link, slots),
            Ok(Packet::Replace(replaced)) => self.take_replacements(link, replaced),
            Ok(Packet::Leave) => self.take_leave(link),
            Ok(Packet::Reply(..) | Packet::Unused(_) | Packet::Convert(..) | Packet::Limit(..)) => {
                return Some(Arrived::End);
            }
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
                self.complain(sender.pid, CLOSED, &error);
                return Some(Arrived::End);
            }
        }
        None
    }

    /// Whether a packet may come by a link as things are: a slot is claimed, or the link has broken the protocol.
    fn admit(
        &mut self,
        link: LinkKey,
        packet: Packet,
        sender: Sender,
    ) -> Result<Packet, Malformed> {
        match &packet {
            Packet::Message(message) => {
                if self.links.get(link).is_some_and(|link| link.left) {
                    return Err(Malformed("a message after the last send right"));
                }
                if let tree::Right::Slot(slot) = message.reply {
                    self.claim_slot(link, slot, sender)?;
                }
            }
            Packet::Reply(..) | Packet::Unused(_) | Packet::Convert(..) | Packet::Limit(..) => {
                return Err(Malformed("a kind that only comes back"));
            }
            _ => {}
        }
        Ok(packet)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::port::MACH_PORT_RIGHT_RECEIVE;

    fn link_of(kernel: &mut Kernel) -> (PortKey, LinkKey, Foreign) {
        let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
        let port = kernel.receive_right(name).unwrap();
        let (receiving, sending) = socket::link_pair().unwrap();
        let link = kernel.add_link(port, receiving, 1, false).unwrap();
        (port, link, sending)
    }

    #[test]
    fn a_want_of_this_task_is_no_end_of_a_link() {
        let mut kernel = Kernel::new();
        let (port, link, _sending) = link_of(&mut kernel);
        for errno in [Errno::ENOMEM, Errno::ENOBUFS, Errno::EMFILE, Errno::ENFILE] {
            assert!(!kernel.arrivals.take_want());
            assert_eq!(kernel.take_one(link, &[], Err(errno)), Taken::Nothing);
            assert!(kernel.arrivals.take_want());
            let read = kernel.take_read(Way::Link(link), port, 100, Place::default(), Err(errno));
            assert!(matches!(read, Read::Nothing), "{errno}: {read:?}");
            assert!(kernel.arrivals.take_want());
            assert!(kernel.links.contains_key(link), "{errno}");
        }
        assert_eq!(kernel.take_one(link, &[], Err(Errno::ENOTCONN)), Taken::End);
        kernel.take_up_arrivals();
        assert!(!kernel.links.contains_key(link));
        assert!(!kernel.arrivals.take_want());
    }
}
