//! Messages that leave for another task.

mod needs;
mod receive_right;
mod send_rights;

use crate::headers::kern_return::{KERN_INVALID_RIGHT, KERN_RESOURCE_SHORTAGE};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::other_tasks::complaints::NOBODY;
use crate::kernel::other_tasks::slots::{Opened, send_reply};
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::kernel::ports::port::{Home, OnceEnd};
use crate::kernel::ports::right::Right;
use crate::sys::ahead;
use crate::sys::bytes::Bytes;
use crate::sys::clock;
use crate::sys::foreign::Foreign;
use crate::sys::socket;
use crate::wire::decode::MAX_DEPTH;
use crate::wire::parcel;
use crate::wire::spare;
use crate::wire::tree::{self, Fd, Packet, Slot};
use needs::Needs;
use nix::errno::Errno;
use std::os::fd::AsFd;
use std::sync::Arc;

/// A message that could not be sent, and why.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) why: Why,
    pub(crate) message: Kmsg,
}

/// Why a message could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is no room now.
    Full,
    /// The port died.
    Dead,
    /// This process has no descriptors or memory for it, or rights are nested too deeply.
    Shortage,
    /// Processes of this user have as many descriptors in messages as this one may have open.
    InFlight,
    /// The port has come home meanwhile.
    Home,
}

/// Why a message could not be sent, by what the kernel below said.
fn why(errno: Errno) -> Why {
    match errno {
        Errno::EAGAIN => Why::Full,
        Errno::ETOOMANYREFS => Why::InFlight,
        Errno::EPIPE | Errno::ENOTCONN | Errno::ECONNREFUSED => Why::Dead,
        _ => Why::Shortage,
    }
}

/// The work of taking one message apart for the road.
struct Leaving<'a> {
    kernel: &'a mut Kernel,
    pairs: Vec<(Foreign, Foreign)>,
    /// Links of which each side makes its own end, for what stays here of receive rights.
    ahead: Vec<(Foreign, Foreign)>,
    /// Why the message cannot go, if it cannot.
    failed: Option<Errno>,
}

impl Kernel {
    /// Sends a message to a port of another task, without blocking. A message that could not go comes back whole.
    pub(crate) fn send_away(&mut self, key: PortKey, mut message: Kmsg) -> Result<(), Unsent> {
        if !self.end_slots_of(&message) {
            let why = Why::Shortage;
            return Err(Unsent { why, message });
        }
        if !matches!(message.remote, Right::SendOnce(_)) {
            let opened = self.open_slot(key, &message);
            let reply = match opened {
                Some(_) => message.local.take(),
                None => Right::Null,
            };
            let slot = opened.as_ref().map(|opened| opened.slot);
            let sent = self.send_by_link(key, message, slot);
            let Some(opened) = opened else {
                return sent;
            };
            return match self.settle(&opened, reply, sent) {
                Err(unsent) if unsent.why == Why::Home => {
                    self.enqueue_own(key, unsent.message);
                    Ok(())
                }
                other => other,
            };
        }
        // With the port that it came to a right that is a slot gets a link, too.
        match self.slot_of(key) {
            Some((link, slot)) => self.send_back(key, link, slot, message),
            None => self.send_by_link(key, message, None),
        }
    }

    /// The reply right is a slot if the message has been sent, and is as it was if not.
    fn settle(
        &mut self,
        opened: &Opened,
        reply: Right,
        sent: Result<(), Unsent>,
    ) -> Result<(), Unsent> {
        match sent {
            Ok(()) => {
                if let Right::SendOnce(port) = reply {
                    self.send_once_used(port);
                }
                Ok(())
            }
            Err(mut unsent) => {
                self.close_slot(opened);
                unsent.message.local = reply;
                Err(unsent)
            }
        }
    }

    fn send_by_link(
        &mut self,
        key: PortKey,
        mut message: Kmsg,
        slot: Option<Slot>,
    ) -> Result<(), Unsent> {
        let unsent = |why, message| Err(Unsent { why, message });
        let Some(pairs) = self.pairs_for(&message) else {
            return unsent(Why::Shortage, message);
        };
        let once = matches!(message.remote, Right::SendOnce(_));
        let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut()) else {
            return unsent(Why::Dead, message);
        };
        let mut once_end = None;
        let mut inline = parcel::INLINE;
        let fd = if once {
            let Some(OnceEnd::Link { fd, id }) = remote.once.pop() else {
                return unsent(Why::Dead, message);
            };
            once_end = Some(OnceEnd::Link {
                fd: Arc::clone(&fd),
                id,
            });
            fd
        } else {
            match &remote.send {
                Some(end) => {
                    inline = end.unread.inline();
                    Arc::clone(&end.fd)
                }
                None => return unsent(Why::Dead, message),
            }
        };
        let remote_right = message.remote.take();
        let mut leaving = Leaving::new(self, pairs);
        let mut left = leaving.message(message);
        let failed = leaving.failed;
        if let Some(slot) = slot {
            left.reply = tree::Right::Slot(slot);
        }
        let packet = Packet::Message(left);
        if !once && self.local(key).is_some() {
            // What was read for the sake of a right that leaves has brought the port home.
            let message = self.take_back(packet, remote_right);
            return match slot {
                // Its reply right is still here, too.
                Some(_) => unsent(Why::Home, message),
                None => {
                    self.enqueue_own(key, message);
                    Ok(())
                }
            };
        }
        let sent = match failed {
            Some(errno) => Err(errno),
            None => parcel::send_within(fd.as_fd(), &packet, inline),
        };
        match sent {
            Ok(len) => {
                match once_end {
                    Some(_) => self.send_once_used(key),
                    None => {
                        self.note_message(key, len);
                        self.release(remote_right);
                    }
                }
                keep_body(packet);
                Ok(())
            }
            Err(errno) => {
                if let Some(end) = once_end
                    && let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut())
                {
                    remote.once.push(end);
                }
                if errno == Errno::EAGAIN {
                    self.forget_room(key);
                }
                unsent(self.why(errno), self.take_back(packet, remote_right))
            }
        }
    }

    /// Sends a message back over the link that its send-once right came by.
    fn send_back(
        &mut self,
        key: PortKey,
        link: LinkKey,
        slot: Slot,
        mut message: Kmsg,
    ) -> Result<(), Unsent> {
        let unsent = |why, message| Err(Unsent { why, message });
        let Some(pairs) = self.pairs_for(&message) else {
            return unsent(Why::Shortage, message);
        };
        let Some(fd) = self.answering_end(link, slot) else {
            return unsent(Why::Dead, message);
        };
        let remote_right = message.remote.take();
        let mut leaving = Leaving::new(self, pairs);
        let left = leaving.message(message);
        let failed = leaving.failed;
        let len = left.body.len();
        let packet = Packet::Reply(slot, left);
        let sent = if let Some(errno) = failed {
            Err(errno)
        } else if self.slot_of(key).is_none() {
            // What was read for the sake of a right that leaves has brought a link for this one.
            Err(Errno::EPIPE)
        } else {
            send_reply(fd.as_fd(), &packet, len)
        };
        match sent {
            Ok(_) => {
                // Slot rule 14: now, and not before.
                self.answered(link, slot);
                if let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut()) {
                    remote.once.clear();
                }
                self.send_once_used(key);
                keep_body(packet);
                Ok(())
            }
            Err(Errno::EAGAIN) => {
                // Slot rule 26: who opened the slot has taken its room.
                self.break_link(link);
                let message = self.take_back(packet, remote_right);
                self.destroy_message(message);
                Ok(())
            }
            Err(Errno::EPIPE) => {
                let message = self.take_back(packet, remote_right);
                // Slot rule 18: the right may have a link by now.
                self.drain_link(link);
                if self.slot_of(key).is_none()
                    && self.port(key).is_some_and(|p| p.remote().is_some())
                {
                    return self.send_by_link(key, message, None);
                }
                unsent(Why::Dead, message)
            }
            Err(errno) => unsent(self.why(errno), self.take_back(packet, remote_right)),
        }
    }

    /// The ends that a message's rights need on the road, before anything is taken apart: pairs, and links made ahead.
    fn pairs_for(&self, message: &Kmsg) -> Option<[Vec<(Foreign, Foreign)>; 2]> {
        let mut needs = Needs::default();
        self.needs_of(message, 0, &mut needs);
        if needs.depth > MAX_DEPTH {
            return None;
        }
        let pairs: std::io::Result<_> = (0..needs.pairs).map(|_| socket::link_pair()).collect();
        let ahead: std::io::Result<_> = (0..needs.ahead).map(|_| ahead::link()).collect();
        Some([pairs.ok()?, ahead.ok()?])
    }

    /// Puts a message of this task's own into the queue of a port that has come home.
    pub(crate) fn enqueue_own(&mut self, key: PortKey, mut message: Kmsg) {
        message.sender = self.as_sender();
        self.enqueue(key, message);
    }

    /// Why a message could not be sent. A shortage is worth a line: its caller only sees a code.
    fn why(&mut self, errno: Errno) -> Why {
        let why = why(errno);
        if why == Why::Shortage {
            self.complain(NOBODY, "a message could not be sent", &errno);
        }
        why
    }

    /// Notes a message that went on its way to a port.
    fn note_message(&mut self, key: PortKey, len: usize) {
        if let Some(end) = self.sending_end(key) {
            end.unread.add_message(len);
        }
    }

    /// Notes something else that went there.
    pub(crate) fn note_other(&mut self, key: PortKey, len: usize) {
        if let Some(end) = self.sending_end(key) {
            end.unread.add_other(len);
        }
    }

    fn forget_room(&mut self, key: PortKey) {
        if let Some(end) = self.sending_end(key) {
            end.unread.forget_room();
        }
    }

    /// Makes a message of what was taken apart but did not leave.
    fn take_back(&mut self, packet: Packet, remote: Right) -> Kmsg {
        let own = Sender {
            pid: self.pid,
            ..Sender::default()
        };
        self.arrivals.begin_own();
        match packet {
            Packet::Message(mut message) | Packet::Reply(_, mut message) => {
                if let tree::Right::Slot(_) = message.reply {
                    // Whoever opened it has the right.
                    message.reply = tree::Right::Null;
                }
                let made = message.links();
                let message = self.import_message(message, own, remote);
                self.remove_unused(&made);
                message
            }
            _ => Kmsg::simple(0, remote, Vec::new(), own),
        }
    }

    /// Removes links that were made for a message which has not left: whoever tries again and again would fill the table.
    fn remove_unused(&mut self, made: &[u64]) {
        for link in made {
            let Some(&link) = self.receiving.get(link) else {
                continue;
            };
            let is_unused = self.links.get(link).is_some_and(|link| {
                link.is_own() && link.in_hand == 0 && socket::is_spent(link.fd.as_fd())
            });
            if is_unused {
                self.remove_link(link);
            }
        }
    }

    /// A sending end that leads to the port of a name, for a process that is to inherit it.
    pub(crate) fn link_for_child(
        &mut self,
        name: crate::headers::port::mach_port_name_t,
    ) -> crate::kernel::Result<Foreign> {
        use crate::headers::port::{MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND};
        let entry = self.look_at(name)?;
        let (receive, send) = (
            entry.has(MACH_PORT_TYPE_RECEIVE),
            entry.has(MACH_PORT_TYPE_SEND),
        );
        let key = entry.port().ok_or(KERN_INVALID_RIGHT)?;
        let right = if receive {
            self.make_send(key)
        } else if send {
            self.copy_send(key)
        } else {
            return Err(KERN_INVALID_RIGHT);
        };
        self.link_of_its_own(right).map(|(fd, _)| fd)
    }

    /// A sending end in the place of a send right, and its link's number.
    pub(crate) fn link_of_its_own(
        &mut self,
        right: Right,
    ) -> crate::kernel::Result<(Foreign, u64)> {
        let home = right.port().and_then(|key| self.port(key));
        let pairs = match home.map(|port| &port.home) {
            Some(Home::Local(_)) => socket::link_pair().map(|pair| vec![pair]),
            _ => Ok(Vec::new()),
        };
        let Ok(pairs) = pairs else {
            self.release(right);
            return Err(KERN_RESOURCE_SHORTAGE);
        };
        let mut leaving = Leaving::new(self, [pairs, Vec::new()]);
        match leaving.right(right) {
            tree::Right::Send(send) => {
                // Whoever gets it is told by nothing else.
                let link = self.receiving.get(&send.link).copied();
                if let Some(link) = link {
                    self.forget_said(link);
                }
                let fd = send.fd.into_owned();
                fd.map(|fd| (fd, send.link))
                    .map_err(|_| KERN_RESOURCE_SHORTAGE)
            }
            _ => Err(KERN_INVALID_RIGHT),
        }
    }
}

/// Keeps the room of a body that has left for the next one.
fn keep_body(packet: Packet) {
    if let Packet::Message(message) | Packet::Reply(_, message) = packet
        && let Bytes::Here(body) = message.body
    {
        spare::give_back(body);
    }
}

impl<'a> Leaving<'a> {
    fn new(kernel: &'a mut Kernel, [pairs, ahead]: [Vec<(Foreign, Foreign)>; 2]) -> Self {
        Self {
            kernel,
            pairs,
            ahead,
            failed: None,
        }
    }

    fn message(&mut self, message: Kmsg) -> tree::Message {
        let through_once = matches!(message.remote, Right::SendOnce(_));
        let reply_disposition = message.local_disposition;
        let voucher = message.voucher;
        let reply = self.right(message.local);
        let items = message
            .descriptors
            .into_iter()
            .map(|descriptor| self.item(descriptor))
            .collect();
        tree::Message {
            id: message.id,
            complex: message.complex,
            through_once,
            reply,
            reply_disposition,
            sent: clock::now_stamp(),
            voucher,
            body: message.body,
            items,
        }
    }

    fn item(&mut self, descriptor: Descriptor) -> tree::Item {
        match descriptor {
            Descriptor::Port {
                right,
                disposition,
                guard,
            } => tree::Item::Port {
                right: self.right(right),
                disposition: disposition as u8,
                guard,
            },
            Descriptor::Memory {
                memory,
                virtual_copy,
                volatile,
            } => tree::Item::Memory {
                memory: match memory {
                    Memory::Bytes(bytes) => tree::Memory::Bytes(bytes),
                    Memory::Sealed(fd, len) => tree::Memory::Sealed(Fd::Memory(Arc::new(fd)), len),
                },
                virtual_copy,
                volatile,
            },
            Descriptor::Ports {
                rights,
                disposition,
            } => tree::Item::Ports {
                rights: rights.into_iter().map(|right| self.right(right)).collect(),
                disposition: disposition as u8,
            },
        }
    }

    fn pair(&mut self) -> Option<(Foreign, Foreign)> {
        let pair = self.pairs.pop();
        if pair.is_none() {
            self.fail();
        }
        pair
    }

    /// There was no room for something, if nothing else was wrong before.
    fn fail(&mut self) {
        self.failed.get_or_insert(Errno::ENOBUFS);
    }

    fn right(&mut self, right: Right) -> tree::Right {
        match right {
            Right::Null => tree::Right::Null,
            Right::Dead => tree::Right::Dead,
            Right::Send(key) => self.send_right(key),
            Right::SendOnce(key) => self.send_once_right(key),
            Right::Receive(key) => self.receive_right(key),
        }
    }
}
