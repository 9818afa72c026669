//! Rights that leave.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use nix::errno::Errno;

use crate::kernel::Kernel;
use crate::kernel::ids::PortKey;
use crate::kernel::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::kobject::KernelObject;
use crate::kernel::port::{Home, Local, OnceEnd, Remote, SendingEnd};
use crate::kernel::right::Right;
use crate::sys::socket::Peer;
use crate::sys::{random, socket};
use crate::wire::decode::MAX_DEPTH;
use crate::wire::parcel;
use crate::wire::tree::{self, Fd, LinkEnd, Packet};

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
        let packet = Packet::Message(Box::new(leaving.message(message)));
        let sent = if leaving.failed {
            Err(Errno::ENOBUFS)
        } else {
            parcel::send(fd.as_fd(), &packet)
        };
        match sent {
            Ok(()) => {
                match once_end {
                    Some(_) => self.send_once_used(key),
                    None => self.release(remote_right),
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
                    Errno::EAGAIN => Why::Full,
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

    /// Makes a message of what was taken apart but did not leave.
    fn take_back(&mut self, packet: Packet, remote: Right) -> Kmsg {
        let own = Sender {
            pid: self.pid,
            ..Sender::default()
        };
        match packet {
            Packet::Message(message) => self.import_message(*message, own, remote),
            _ => Kmsg::simple(0, remote, Vec::new(), own),
        }
    }

    /// A sending end that leads to the port of a name, for a process that is to inherit it.
    pub(crate) fn link_for_child(
        &mut self,
        name: crate::port::mach_port_name_t,
    ) -> crate::kernel::Result<OwnedFd> {
        use crate::kern_return::{KERN_INVALID_RIGHT, KERN_RESOURCE_SHORTAGE};
        use crate::port::{MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND};
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
            tree::Right::Send(send) => send.fd.into_owned().map_err(|_| KERN_RESOURCE_SHORTAGE),
            _ => Err(KERN_INVALID_RIGHT),
        }
    }

    /// Counts what a message needs on the road, before anything is taken apart.
    fn needs_of(&self, message: &Kmsg, depth: usize, needs: &mut Needs) {
        needs.depth = needs.depth.max(depth);
        if needs.depth > MAX_DEPTH {
            return;
        }
        self.needs_of_right(&message.local, depth, needs);
        for descriptor in &message.descriptors {
            match descriptor {
                Descriptor::Port { right, .. } => self.needs_of_right(right, depth, needs),
                Descriptor::Ports { rights, .. } => {
                    for right in rights {
                        self.needs_of_right(right, depth, needs);
                    }
                }
                Descriptor::Memory { .. } => {}
            }
        }
    }

    fn needs_of_right(&self, right: &Right, depth: usize, needs: &mut Needs) {
        let Some(port) = right.port().and_then(|key| self.port(key)) else {
            return;
        };
        match (right, &port.home) {
            (Right::Send(_), Home::Local(_)) | (Right::SendOnce(_), Home::Local(_)) => {
                needs.pairs += 1;
            }
            (Right::Send(_), Home::Remote(_)) => needs.pairs += 1,
            (Right::Receive(_), Home::Local(local)) => {
                needs.pairs += 1 + port.sorights as usize;
                for notify in [&local.no_senders, &local.port_destroyed]
                    .into_iter()
                    .flatten()
                {
                    self.needs_of_right(notify, depth, needs);
                }
                for message in &local.queue {
                    self.needs_of(message, depth + 1, needs);
                }
            }
            _ => {}
        }
    }

    /// Remembers a sending end that this task made, so that it is known when it comes back.
    pub(super) fn remember_made(&mut self, end: &OwnedFd, key: PortKey) {
        let Ok(cookie) = socket::cookie(end.as_fd()) else {
            return;
        };
        if self.made.len() >= self.made_sweep {
            let ports = &self.ports;
            self.made.retain(|_, key| ports.contains_key(*key));
            self.made_sweep = 2 * self.made.len() + 64;
        }
        self.made.insert(cookie, key);
    }
}

/// What a message needs on the road.
#[derive(Debug, Default)]
struct Needs {
    pairs: usize,
    depth: usize,
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

    fn send_right(&mut self, key: PortKey) -> tree::Right {
        let right = match self.kernel.port(key).map(|port| &port.home) {
            Some(Home::Local(_)) => self.link_to_local(key),
            Some(Home::Remote(_)) => return self.remote_send_right(key),
            Some(Home::Kernel(object)) => export_object(object),
            Some(Home::Dead) | None => Some(tree::Right::Dead),
        };
        // The link, if there is one now, is the sender in this right's place.
        self.kernel.release(Right::Send(key));
        right.unwrap_or(tree::Right::Dead)
    }

    fn link_to_local(&mut self, key: PortKey) -> Option<tree::Right> {
        let (receiving, sending) = self.pair()?;
        let id = random::number();
        self.kernel.remember_made(&sending, key);
        self.kernel.add_link(key, receiving, id, false);
        Some(tree::Right::Send(tree::SendRight {
            fd: Fd::Owned(sending),
            number: self.kernel.number_of(key),
            link: id,
            via: 0,
            root: id,
        }))
    }

    fn remote_send_right(&mut self, key: PortKey) -> tree::Right {
        let numbered = self.kernel.number_of(key);
        let Some(port) = self.kernel.port_mut(key) else {
            return tree::Right::Dead;
        };
        let last = port.srights == 1;
        let Some(remote) = port.remote_mut() else {
            return tree::Right::Dead;
        };
        let Some(end) = &remote.send else {
            return tree::Right::Dead;
        };
        let home = end.maker.is_some() && end.maker == self.towards;
        let (fd, id, root) = (Arc::clone(&end.fd), end.id, end.root);
        let right = if last || home {
            Some((Fd::Shared(fd), id, 0))
        } else {
            self.sent_ahead(&fd)
                .map(|(sending, link)| (Fd::Owned(sending), link, id))
        };
        self.kernel.release(Right::Send(key));
        match right {
            Some((fd, link, via)) => tree::Right::Send(tree::SendRight {
                fd,
                number: numbered,
                link,
                via,
                root,
            }),
            None => {
                self.failed = true;
                tree::Right::Dead
            }
        }
    }

    /// A new link whose receiving end goes ahead over the link that this task has.
    fn sent_ahead(&mut self, over: &OwnedFd) -> Option<(OwnedFd, u64)> {
        let (receiving, sending) = self.pair()?;
        let link = random::number();
        let packet = Packet::AddLink(LinkEnd {
            fd: Fd::Owned(receiving),
            link,
            once: false,
        });
        match parcel::send(over.as_fd(), &packet) {
            // A dead port's new link is dead from birth, for its receiving end is closed here.
            Ok(()) | Err(Errno::EPIPE | Errno::ECONNRESET) => Some((sending, link)),
            Err(_) => None,
        }
    }

    fn send_once_right(&mut self, key: PortKey) -> tree::Right {
        let Some(port) = self.kernel.port_mut(key) else {
            return tree::Right::Dead;
        };
        if let Some(remote) = port.remote_mut() {
            let end = remote.once.pop();
            self.kernel.send_once_used(key);
            return end.map_or(tree::Right::Dead, |end| {
                tree::Right::Once(Fd::Owned(end.fd))
            });
        }
        let linked = match port.home {
            Home::Local(_) => self.pair().map(|(receiving, sending)| {
                self.kernel.add_link(key, receiving, random::number(), true);
                tree::Right::Once(Fd::Owned(sending))
            }),
            _ => None,
        };
        self.kernel.send_once_used(key);
        linked.unwrap_or(tree::Right::Dead)
    }

    fn receive_right(&mut self, key: PortKey) -> tree::Right {
        let Some(local) = self.kernel.local_mut(key) else {
            return tree::Right::Dead;
        };
        local.senders.wake_all();
        local.receivers.wake_all();
        let queue = std::mem::take(&mut local.queue);
        let no_senders = local.no_senders.take().unwrap_or(Right::Null);
        let port_destroyed = local.port_destroyed.take().unwrap_or(Right::Null);
        // While the port is still here: rights to it in its own queue become links like all others.
        let mut messages = Vec::with_capacity(queue.len());
        for mut message in queue {
            let remote = message.remote.take();
            let once = matches!(remote, Right::SendOnce(_));
            let mut left = self.message(message);
            left.through_once = once;
            messages.push(left);
            self.kernel.release_destination(remote);
        }
        let no_senders = self.right(no_senders);
        let port_destroyed = self.right(port_destroyed);
        let Some(port) = self.kernel.port_mut(key) else {
            return tree::Right::Dead;
        };
        let (srights, sorights) = (port.srights, port.sorights);
        let Home::Local(local) = std::mem::replace(&mut port.home, Home::Dead) else {
            return tree::Right::Dead;
        };
        let Local {
            qlimit,
            links,
            services,
            ..
        } = *local;
        let mut ends: Vec<LinkEnd> = links
            .into_iter()
            .filter_map(|link| self.kernel.remove_link(link))
            .map(|link| LinkEnd {
                fd: Fd::Shared(link.fd),
                link: link.id,
                once: link.once,
            })
            .collect();
        let remote = self.stay_behind(key, srights, sorights, &mut ends);
        if let Some(port) = self.kernel.port_mut(key) {
            port.home = Home::Remote(Box::new(remote));
        }
        self.kernel.watch_outward(key);
        self.kernel.forget_if_unused(key);
        let services = services
            .into_iter()
            .map(|service| {
                self.kernel.services.remove(service.name());
                let (fd, name) = service.into_parts();
                (Fd::Owned(fd), name)
            })
            .collect();
        tree::Right::Receive(Box::new(tree::Port {
            qlimit,
            links: ends,
            messages,
            no_senders,
            port_destroyed,
            services,
        }))
    }

    /// Links for the rights to a leaving port that stay in this task.
    fn stay_behind(
        &mut self,
        key: PortKey,
        srights: u32,
        sorights: u32,
        ends: &mut Vec<LinkEnd>,
    ) -> Remote {
        let mut send = None;
        if srights > 0
            && let Some((receiving, sending)) = self.pair()
        {
            let id = random::number();
            self.kernel.remember_made(&sending, key);
            self.kernel.sending.insert(id, key);
            ends.push(LinkEnd {
                fd: Fd::Owned(receiving),
                link: id,
                once: false,
            });
            let maker = socket::peer(&sending);
            send = Some(SendingEnd {
                fd: Arc::new(sending),
                id,
                root: id,
                maker,
            });
        }
        let mut once = Vec::new();
        for _ in 0..sorights {
            let Some((receiving, sending)) = self.pair() else {
                break;
            };
            let id = random::number();
            ends.push(LinkEnd {
                fd: Fd::Owned(receiving),
                link: id,
                once: true,
            });
            once.push(OnceEnd { fd: sending, id });
        }
        Remote {
            send,
            once,
            told_by: None,
        }
    }
}

/// A right to one of the kernel's own objects; `None` for those that mean something in this task only.
fn export_object(object: &KernelObject) -> Option<tree::Right> {
    let object = match object {
        KernelObject::Semaphore(semaphore) => {
            tree::Object::Semaphore(Fd::Shared(semaphore.descriptor()))
        }
        KernelObject::Memory(entry) => tree::Object::Memory {
            fd: Fd::Shared(Arc::clone(&entry.fd)),
            offset: entry.offset,
            size: entry.size,
            writable: entry.writable,
        },
        KernelObject::File(fd) => tree::Object::File(Fd::Owned(fd.try_clone().ok()?)),
        KernelObject::Task
        | KernelObject::Host
        | KernelObject::Thread(_)
        | KernelObject::Bootstrap => return None,
    };
    Some(tree::Right::Object(object))
}
