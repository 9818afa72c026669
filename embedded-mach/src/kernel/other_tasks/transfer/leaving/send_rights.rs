//! Rights to send that leave, each with a link of its own.

use super::Leaving;
use crate::headers::port::MACH_PORT_QLIMIT_DEFAULT;
use crate::kernel::Kernel;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::other_tasks::deleted_names;
use crate::kernel::other_tasks::link::Said;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Home, OnceEnd};
use crate::kernel::ports::right::Right;
use crate::sys::ahead;
use crate::sys::foreign::Foreign;
use crate::sys::{random, socket};
use crate::wire::parcel;
use crate::wire::tree::{self, Fd, LinkEnd, Packet};
use nix::errno::Errno;
use std::os::fd::AsFd;
use std::sync::Arc;

impl Leaving<'_> {
    pub(super) fn send_right(&mut self, key: PortKey) -> tree::Right {
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
        let limit = self.kernel.local(key).map(|local| local.qlimit);
        let limit = limit.unwrap_or(MACH_PORT_QLIMIT_DEFAULT);
        self.kernel.remember_made(&sending, key, id);
        self.kernel.end_spent_links(key);
        if let Some(link) = self.kernel.add_link(key, receiving, id, false)
            && let Some(link) = self.kernel.links.get_mut(link)
        {
            link.limit = Said::with_right(limit);
        }
        Some(tree::Right::Send(tree::SendRight {
            fd: Fd::Owned(sending),
            number: self.kernel.number_of(key),
            link: id,
            via: 0,
            root: id,
            limit,
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
        let Some(end) = &mut remote.send else {
            return tree::Right::Dead;
        };
        let (fd, id, root) = (Arc::clone(&end.fd), end.id, end.root);
        let limit = end.unread.limit();
        // No two tasks have one end, for each could end the other's way: only the last right takes it along. Slot rule 2: an
        // end that has slots stays here.
        let goes = last && end.back.is_none();
        let right = if goes {
            Some((Fd::Shared(fd), id, 0))
        } else {
            self.sent_ahead(key, &fd)
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
                limit,
            }),
            None => {
                self.fail();
                tree::Right::Dead
            }
        }
    }

    fn remote_send_once_right(&mut self, key: PortKey) -> tree::Right {
        if self.kernel.slot_of(key).is_some()
            && let Some(pair) = self.pair()
        {
            self.kernel.convert_slot_to(key, pair);
        }
        let ends = self.kernel.port_mut(key).and_then(|port| port.remote_mut());
        let end = ends.and_then(|remote| remote.once.pop());
        let right = match end {
            Some(OnceEnd::Link { fd, .. }) => tree::Right::Once(Fd::Shared(fd)),
            Some(end @ OnceEnd::Slot { .. }) => {
                // It stays what it is, or is dead.
                if let Some(remote) = self.kernel.port_mut(key).and_then(|port| port.remote_mut()) {
                    remote.once.push(end);
                }
                self.kernel.release(Right::SendOnce(key));
                return tree::Right::Dead;
            }
            None => tree::Right::Dead,
        };
        self.kernel.send_once_used(key);
        right
    }

    /// A new link whose receiving end goes ahead over the link that this task has.
    fn sent_ahead(&mut self, key: PortKey, over: &Foreign) -> Option<(Foreign, u64)> {
        let (receiving, sending) = ahead::link().ok()?;
        let link = random::number();
        let packet = Packet::AddLink(LinkEnd {
            fd: Fd::Owned(receiving),
            link,
            once: false,
            said: 0,
            back: None,
        });
        match parcel::send(over.as_fd(), &packet) {
            // A dead port's new link is dead from birth, for its receiving end is closed here.
            Ok(len) => {
                self.kernel.note_other(key, len);
                Some((sending, link))
            }
            Err(Errno::EPIPE) => Some((sending, link)),
            Err(errno) => {
                if errno == Errno::ETOOMANYREFS {
                    self.failed = Some(errno);
                }
                None
            }
        }
    }

    pub(super) fn send_once_right(&mut self, key: PortKey) -> tree::Right {
        let Some(port) = self.kernel.port_mut(key) else {
            return tree::Right::Dead;
        };
        if port.remote().is_some() {
            return self.remote_send_once_right(key);
        }
        let linked = match port.home {
            Home::Local(_) => self.pair().map(|(receiving, sending)| {
                let link = self.kernel.add_link(key, receiving, random::number(), true);
                deleted_names::note(key, link);
                tree::Right::Once(Fd::Owned(sending))
            }),
            _ => None,
        };
        self.kernel.send_once_used(key);
        linked.unwrap_or(tree::Right::Dead)
    }
}

impl Kernel {
    /// Remembers a sending end that this task made, so that it is known when it comes back.
    pub(in crate::kernel::other_tasks::transfer) fn remember_made(
        &mut self,
        end: &Foreign,
        key: PortKey,
        id: u64,
    ) {
        let Ok(cookie) = socket::cookie(end.as_fd()) else {
            return;
        };
        if self.made.len() >= self.made_sweep {
            let (ports, receiving) = (&self.ports, &self.receiving);
            self.made.retain(|_, (key, id)| match ports.get(*key) {
                // Without its other end a link leads nowhere.
                Some(port) => port.local().is_none() || receiving.contains_key(id),
                None => false,
            });
            self.made_sweep = 2 * self.made.len() + 64;
        }
        self.made.insert(cookie, (key, id));
    }
}

/// A right to one of the kernel's own objects; `None` for those that mean something in this task only.
fn export_object(object: &KernelObject) -> Option<tree::Right> {
    let object = match object {
        KernelObject::Semaphore(semaphore) => {
            tree::Object::Semaphore(Fd::Memory(semaphore.descriptor()))
        }
        KernelObject::Memory(entry) => tree::Object::Memory {
            fd: Fd::Memory(Arc::clone(&entry.fd)),
            offset: entry.offset + entry.data,
            size: entry.size - entry.data,
            writable: entry.writable,
        },
        KernelObject::File(fd) => tree::Object::File(Fd::Owned(fd.try_clone().ok()?)),
        KernelObject::Host => tree::Object::Host,
        KernelObject::Bootstrap => tree::Object::Bootstrap,
        KernelObject::Task(_) | KernelObject::Thread(_) | KernelObject::Clock(_) => return None,
    };
    Some(tree::Right::Object(object))
}
