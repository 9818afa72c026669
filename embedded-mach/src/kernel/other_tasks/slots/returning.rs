//! The requester: what comes back.

use std::sync::Arc;

use nix::errno::Errno;

use super::State;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::other_tasks::arrivals::Arrived;
use crate::kernel::other_tasks::budget::Charge;
use crate::kernel::other_tasks::complaints::{CLOSED, LOST, NOBODY};
use crate::kernel::other_tasks::link::Read;
use crate::kernel::ports::ids::{BackKey, LinkKey, PortKey};
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::packet::Arrival;
use crate::sys::place::Place;
use crate::sys::{process, random, socket};
use crate::wire::decode::Malformed;
use crate::wire::parcel;
use crate::wire::plain;
use crate::wire::records;
use crate::wire::tree::{self, Fd, Packet, Slot};

impl Kernel {
    /// Reads all that has come back (Slot rule 7: a reply for one port holds up none for another).
    pub(crate) fn read_back(&mut self, back: BackKey) {
        let mut buffer = self.packet_buffer();
        loop {
            let admitted = self.arrivals.admit();
            let is_read = |way: &&super::Back| admitted && !way.spent;
            if self.backs.get(back).filter(is_read).is_none() {
                break;
            }
            let got = self.receive_back(back, &mut buffer);
            match self.arrivals.note_want(got) {
                Err(Errno::EAGAIN) => break,
                got => self.take_back_packet(back, &buffer, got),
            }
        }
        self.return_buffer(buffer);
        self.take_up_arrivals();
        self.end_left_back(back);
    }

    /// A way that its last send right has left goes with its last slot (Slot rule 15).
    fn end_left_back(&mut self, back: BackKey) {
        let over = |way: &super::Back| way.left && way.is_idle() && !way.replacing;
        if self.backs.get(back).is_some_and(over) {
            self.remove_back(back);
        }
    }

    fn take_back_packet(&mut self, back: BackKey, buffer: &[u8], got: Result<Arrival, Errno>) {
        let arrival = match got {
            Ok(arrival) if arrival.credentials.is_some() || arrival.len > 0 => arrival,
            _ => return self.end_back(back),
        };
        let pid = arrival.credentials.map_or(NOBODY, |from| from.pid);
        if let Err(error) = self.take_terminal(back, buffer, arrival) {
            // Slot rule 27: the link ends with it.
            if let Some(way) = self.backs.get(back) {
                socket::shut_down(&way.out);
            }
            self.complain(pid, CLOSED, &error);
            self.end_back(back);
        }
    }

    /// Takes up what has been read and was held up, unless its way has ended since.
    pub(crate) fn take_back_late(
        &mut self,
        back: BackKey,
        buffer: &[u8],
        got: Result<Arrival, Errno>,
    ) {
        if self.backs.contains_key(back) {
            self.take_back_packet(back, buffer, got);
            self.take_up_arrivals();
            self.end_left_back(back);
        }
    }

    /// As [`Kernel::read_back`], of one packet that has been read. A plain reply for the port that waits goes to its
    /// receiver as it is.
    pub(crate) fn take_from_back(
        &mut self,
        back: BackKey,
        port: PortKey,
        room: usize,
        place: &mut Place,
        got: Result<Arrival, Errno>,
    ) -> Read {
        let plain = got
            .as_ref()
            .ok()
            .and_then(|arrival| plain::open_back(place, arrival, room))
            .filter(|message| {
                message
                    .slot
                    .is_some_and(|slot| self.is_open(back, slot, port))
            });
        let Some(message) = plain else {
            let came = got.as_ref().map_or(0, |arrival| arrival.len);
            self.take_back_packet(back, place.gather(came), got);
            self.take_up_arrivals();
            self.end_left_back(back);
            return Read::Other;
        };
        if let Some(way) = self.backs.get_mut(back)
            && let Some(slot) = message.slot
        {
            if let Some(used) = way.used(slot) {
                used.state = State::Free;
            }
            way.in_order(message.stamp);
        }
        self.end_left_back(back);
        Read::Plain(message, Right::Null)
    }

    fn is_open(&self, back: BackKey, slot: Slot, port: PortKey) -> bool {
        self.backs
            .get(back)
            .and_then(|way| way.slots.get(usize::from(slot.index)))
            .is_some_and(|used| {
                used.generation == slot.generation && used.state == State::Open(port)
            })
    }

    /// Takes the one packet that ends a slot's use (Slot rule 10).
    fn take_terminal(
        &mut self,
        back: BackKey,
        buffer: &[u8],
        mut arrival: Arrival,
    ) -> Result<(), Malformed> {
        if parcel::has_carrier(buffer, &arrival) {
            let from = arrival.credentials.map_or(0, |from| from.pid);
            let pid = process::number(from);
            match self.unload_reply(back, pid, buffer, arrival)? {
                Some(unloaded) => arrival = unloaded,
                // It comes later.
                None => return Ok(()),
            }
        }
        let Some(credentials) = arrival.credentials else {
            return Err(Malformed("no credentials"));
        };
        let sender = Sender::from_credentials(credentials);
        let stamp = arrival.stamp;
        let mut charge = self.charge_arrival(sender.pid, buffer, &mut arrival);
        if arrival.descriptors_lost {
            return self.take_stump(back, buffer, sender, stamp);
        }
        match parcel::open(buffer, arrival)?.packet()? {
            Packet::Reply(slot, message) => {
                let port = self.end_slot(back, slot)?;
                let to = port.map_or(Right::Null, |port| self.make_send_once(port));
                let stamp = self.stamp_in_order(back, stamp);
                self.arrivals.add(
                    LinkKey::default(),
                    Arrived::Reply {
                        to,
                        message,
                        sender,
                        stamp,
                        charge,
                    },
                );
            }
            Packet::Unused(slot) => {
                let port = self.end_slot(back, slot)?;
                self.tell_unused(port);
            }
            Packet::Convert(slot, fd) => {
                let port = self.end_slot(back, slot)?;
                self.take_converted(port, (fd, charge.take()), sender);
            }
            _ => return Err(Malformed("a kind that does not come back")),
        }
        Ok(())
    }

    /// A packet of which descriptors are lost still ends its slot (Slot rule 27).
    fn take_stump(
        &mut self,
        back: BackKey,
        buffer: &[u8],
        sender: Sender,
        stamp: u64,
    ) -> Result<(), Malformed> {
        self.complain(sender.pid, LOST, &"too many are open");
        let (kind, slot) = parcel::peek(buffer).ok_or(Malformed("prefix"))?;
        let slot = slot.ok_or(Malformed("no slot"))?;
        let port = self.end_slot(back, slot)?;
        match port {
            Some(port) if kind == records::REPLY => {
                let id = parcel::peek_id(buffer).unwrap_or(0);
                let to = self.make_send_once(port);
                let stamp = self.stamp_in_order(back, stamp);
                self.arrivals.add(
                    LinkKey::default(),
                    Arrived::ReplyStump {
                        to,
                        id,
                        sender,
                        stamp,
                    },
                );
            }
            port => self.tell_unused(port),
        }
        Ok(())
    }

    /// Ends a slot's use: the port that it was for, if that lives.
    fn end_slot(&mut self, back: BackKey, slot: Slot) -> Result<Option<PortKey>, Malformed> {
        let used = self
            .backs
            .get_mut(back)
            .and_then(|way| way.used(slot))
            .ok_or(Malformed("a slot that is not open"))?;
        match std::mem::take(&mut used.state) {
            State::Free => Err(Malformed("a slot that is not open")),
            State::Open(port) => Ok(Some(port)),
            State::Gone => Ok(None),
        }
    }

    fn stamp_in_order(&mut self, back: BackKey, stamp: u64) -> u64 {
        self.backs
            .get_mut(back)
            .map_or(stamp, |way| way.in_order(stamp))
    }

    /// A send-once right has ended unused, in its turn among what else came.
    fn tell_unused(&mut self, port: Option<PortKey>) {
        if let Some(port) = port {
            let right = self.make_send_once(port);
            self.arrivals
                .add(LinkKey::default(), Arrived::Unused { right });
        }
    }

    /// A right that was a slot has a link now. Its end is a stranger's (Slot rule 22).
    fn take_converted(
        &mut self,
        port: Option<PortKey>,
        (fd, charge): (Fd, Option<Charge>),
        sender: Sender,
    ) {
        let Some(port) = port else {
            return;
        };
        // No more come than this task has made rights.
        let taken = self
            .is_own_pair_of(&fd, sender)
            .then(|| fd.into_owned().ok())
            .flatten()
            .and_then(|fd| self.add_link(port, fd, random::number(), true));
        match taken {
            Some(link) => {
                self.set_up(link, socket::prepare_receiving);
                self.expect_unstamped(link, 0);
                self.set_charge(link, charge);
            }
            None => self.tell_unused(Some(port)),
        }
    }

    /// Nothing comes back any more: whoever had the rights of the open slots is gone. That is among what has arrived, for who
    /// calls this to take up.
    pub(super) fn end_back(&mut self, back: BackKey) {
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        if !way.replacing {
            let open: Vec<_> = way.open().collect();
            way.slots = Default::default();
            for (_, port) in open {
                self.tell_unused(Some(port));
            }
        }
        self.unwatch_back(back);
        let Some(way) = self.backs.get_mut(back) else {
            return;
        };
        way.spent = true;
        let (left, to) = (way.left, way.to);
        if left && !way.replacing {
            self.remove_back(back);
        }
        if !left {
            self.check_alive(to);
        }
    }

    /// Delivers a reply that came back. Without a port that lives here it is destroyed.
    pub(crate) fn deliver_reply(
        &mut self,
        to: Right,
        (message, charge): (tree::Message, Option<Charge>),
        sender: Sender,
        stamp: u64,
    ) {
        let mut message = self.import_message(message, sender, to);
        message.charge = charge.map(Box::new);
        message.stamp = stamp;
        match message.remote.port() {
            Some(port) => self.enqueue(port, message),
            None => self.destroy_message(message),
        }
    }

    /// As [`Kernel::deliver_reply`], of a reply whose descriptors are lost.
    pub(crate) fn deliver_reply_stump(&mut self, to: Right, id: i32, sender: Sender, stamp: u64) {
        let Some(port) = to.port() else { return };
        let mut stump = Kmsg::simple(id, to, Vec::new(), sender);
        stump.rights_lost = true;
        stump.stamp = stamp;
        self.enqueue(port, stump);
    }

    /// A send-once right has ended unused: its port is told so, wherever it is by now.
    pub(crate) fn deliver_unused(&mut self, right: Right) {
        self.release(right);
    }

    /// Looks after a way back by which an answer is due (Slot rule 12).
    pub(crate) fn look_after_back(&mut self, back: BackKey) {
        if self.backs.get(back).is_none_or(|way| !way.is_due()) {
            return;
        }
        self.read_back(back);
        if self.backs.get(back).is_some_and(|way| way.unsaid) {
            self.say_gone(back);
        }
        self.watch_back_for_end(back);
    }

    /// What the background thread is to watch for a way back.
    pub(crate) fn due_of(&self, back: BackKey) -> Option<Due> {
        let way = self.backs.get(back)?;
        Some(Due {
            fd: Arc::clone(&way.fd),
            answers: way.is_due(),
            out: Arc::clone(&way.out),
            room: way.unsaid,
            to: (!way.left).then_some(way.to),
        })
    }
}

/// What is due by a way back.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) fd: Arc<Foreign>,
    /// Answers, by `fd`.
    pub(crate) answers: bool,
    pub(crate) out: Arc<Foreign>,
    /// Room for what has to be said, by `out`.
    pub(crate) room: bool,
    /// The port that it leads to, if there is still a send right, and so more that the socket may be watched for.
    pub(crate) to: Option<PortKey>,
}
