//! Messages that leave for another task.

mod needs;
mod receive_right;
mod send_rights;

use crate::headers::kern_return::{KERN_INVALID_RIGHT, KERN_RESOURCE_SHORTAGE};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::sys::clock;
use crate::sys::socket::{self, Peer};
use crate::wire::decode::MAX_DEPTH;
use crate::wire::parcel;
use crate::wire::spare;
use crate::wire::tree::{self, Fd, Packet};
use needs::Needs;
use nix::errno::Errno;
use std::os::fd::{AsFd, OwnedFd};
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
}

/// The work of taking one message apart for the road.
struct Leaving<'a> {
    kernel: &'a mut Kernel,
    /// Who made the link that the message goes by: a right to that process's port goes home.
    towards: Option<Peer>,
    pairs: Vec<(OwnedFd, OwnedFd)>,
    failed: bool,
}

impl Kernel {
    /// Sends a message to a port of another task, without blocking. A message that could not go comes back whole.
    pub(crate) fn send_away(&mut self, key: PortKey, mut message: Kmsg) -> Result<(), Unsent> {
        let unsent = |why, message| Err(Unsent { why, message });
        let mut needs = Needs::default();
        self.needs_of(&message, 0, &mut needs);
        if needs.depth > MAX_DEPTH {
            return unsent(Why::Shortage, message);
        }
        let pairs: std::io::Result<Vec<_>> =
            (0..needs.pairs).map(|_| socket::link_pair()).collect();
        let Ok(pairs) = pairs else {
            return unsent(Why::Shortage, message);
        };
        let once = matches!(message.remote, Right::SendOnce(_));
        let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut()) else {
            return unsent(Why::Dead, message);
        };
        let mut once_end = None;
        let (fd, towards) = if once {
            let Some(end) = remote.once.pop() else {
                return unsent(Why::Dead, message);
            };
            let towards = socket::peer(&end.fd);
            let Ok(fd) = end.fd.try_clone() else {
                remote.once.push(end);
                return unsent(Why::Shortage, message);
            };
            once_end = Some(end);
            (Arc::new(fd), towards)
        } else {
            match &remote.send {
                Some(end) => (Arc::clone(&end.fd), end.maker),
                None => return unsent(Why::Dead, message),
            }
        };
        let remote_right = message.remote.take();
        let mut leaving = Leaving {
            kernel: self,
            towards,
            pairs,
            failed: false,
        };
        let packet = Packet::Message(leaving.message(message));
        let failed = leaving.failed;
        if !once && self.local(key).is_some() {
            // What was read for the sake of a right that leaves has brought the port home.
            let mut message = self.take_back(packet, remote_right);
            message.sender = self.as_sender();
            self.enqueue(key, message);
            return Ok(());
        }
        let sent = if failed {
            Err(Errno::ENOBUFS)
        } else {
            parcel::send(fd.as_fd(), &packet)
        };
        match sent {
            Ok(len) => {
                match once_end {
                    Some(_) => self.send_once_used(key),
                    None => {
                        self.use_room(key, len);
                        self.release(remote_right);
                    }
                }
                if let Packet::Message(message) = packet {
                    spare::give_back(message.body);
                }
                Ok(())
            }
            Err(errno) => {
                if let Some(end) = once_end
                    && let Some(remote) = self.port_mut(key).and_then(|port| port.remote_mut())
                {
                    remote.once.push(end);
                }
                let why = match errno {
                    Errno::EAGAIN => {
                        self.use_room(key, usize::MAX);
                        Why::Full
                    }
                    Errno::EPIPE | Errno::ECONNRESET | Errno::ENOTCONN | Errno::ECONNREFUSED => {
                        Why::Dead
                    }
                    _ => {
                        tracing::warn!(%errno, "a message could not be sent");
                        Why::Shortage
                    }
                };
                unsent(why, self.take_back(packet, remote_right))
            }
        }
    }

    /// Counts a packet off what surely has room on the way to a port.
    pub(crate) fn use_room(&mut self, key: PortKey, len: usize) {
        let remote = self.port_mut(key).and_then(|port| port.remote_mut());
        if let Some(end) = remote.and_then(|remote| remote.send.as_mut()) {
            end.room = end.room.saturating_sub(socket::weight(len));
        }
    }

    /// Makes a message of what was taken apart but did not leave.
    fn take_back(&mut self, packet: Packet, remote: Right) -> Kmsg {
        let own = Sender {
            pid: self.pid,
            ..Sender::default()
        };
        match packet {
            Packet::Message(message) => self.import_message(message, own, remote),
            _ => Kmsg::simple(0, remote, Vec::new(), own),
        }
    }

    /// A sending end that leads to the port of a name, for a process that is to inherit it.
    pub(crate) fn link_for_child(
        &mut self,
        name: crate::headers::port::mach_port_name_t,
    ) -> crate::kernel::Result<OwnedFd> {
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
    ) -> crate::kernel::Result<(OwnedFd, u64)> {
        let pair = match socket::link_pair() {
            Ok(pair) => pair,
            Err(_) => {
                self.release(right);
                return Err(KERN_RESOURCE_SHORTAGE);
            }
        };
        let mut leaving = Leaving {
            kernel: self,
            towards: None,
            pairs: vec![pair],
            failed: false,
        };
        match leaving.right(right) {
            tree::Right::Send(send) => {
                let fd = send.fd.into_owned();
                fd.map(|fd| (fd, send.link))
                    .map_err(|_| KERN_RESOURCE_SHORTAGE)
            }
            _ => Err(KERN_INVALID_RIGHT),
        }
    }
}

impl Leaving<'_> {
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
                    Memory::Sealed(fd, len) => tree::Memory::Sealed(Fd::Owned(fd), len),
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

    fn pair(&mut self) -> Option<(OwnedFd, OwnedFd)> {
        let pair = self.pairs.pop();
        self.failed |= pair.is_none();
        pair
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
