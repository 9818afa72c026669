//! A receive right that leaves, with its queue, its links and its requests.

use super::Leaving;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Home, Local, OnceEnd, Remote, SendingEnd};
use crate::kernel::ports::right::Right;
use crate::kernel::ports::unread::Unread;
use crate::sys::foreign::Foreign;
use crate::sys::{ahead, random};
use crate::wire::tree::{self, Fd, LinkEnd};
use std::sync::Arc;

/// The receive rights that a message carries.
fn receive_rights(message: &Kmsg) -> impl Iterator<Item = PortKey> {
    let carried = message
        .descriptors
        .iter()
        .flat_map(|descriptor| match descriptor {
            Descriptor::Port { right, .. } => std::slice::from_ref(right),
            Descriptor::Ports { rights, .. } => rights.as_slice(),
            Descriptor::Memory { .. } => &[],
        });
    carried.filter_map(|right| match right {
        Right::Receive(key) => Some(*key),
        _ => None,
    })
}

impl Kernel {
    /// Whether a message carries a receive right.
    pub(crate) fn moves_a_port(message: &Kmsg) -> bool {
        receive_rights(message).next().is_some()
    }

    /// Whether something is about to come for a receive right that a message carries, or that one in its queue does.
    pub(crate) fn carries_what_is_incomplete(&self, message: &Kmsg) -> bool {
        let mut going: Vec<_> = receive_rights(message).collect();
        while let Some(key) = going.pop() {
            if self.is_incomplete(key) {
                return true;
            }
            let queued = self.local(key).map(|local| local.queue.iter());
            going.extend(queued.into_iter().flatten().flat_map(receive_rights));
        }
        false
    }

    /// Gives links to all rights that are slots and that a message's receive rights have to do with: rights to these ports,
    /// and rights that came to them. If that fails the message has still to be taken apart, and nothing else has changed.
    pub(super) fn end_slots_of(&mut self, message: &Kmsg) -> bool {
        let mut going: Vec<_> = receive_rights(message).collect();
        while let Some(key) = going.pop() {
            if !self.replace_slots(key) {
                return false;
            }
            let links = self.local(key).map(|local| local.links.clone());
            if !links
                .unwrap_or_default()
                .into_iter()
                .all(|link| self.convert_slots(link))
            {
                return false;
            }
            let queued = self.local(key).map(|local| local.queue.iter());
            going.extend(queued.into_iter().flatten().flat_map(receive_rights));
        }
        true
    }
}

impl Leaving<'_> {
    pub(super) fn receive_right(&mut self, key: PortKey) -> tree::Right {
        self.kernel.end_timer(key);
        let Some(local) = self.kernel.local_mut(key) else {
            return tree::Right::Dead;
        };
        local.senders.wake_all();
        local.receivers.wake_all();
        let no_senders = local.no_senders.take().unwrap_or(Right::Null);
        let port_destroyed = local.port_destroyed.take().unwrap_or(Right::Null);
        // While the port is still here: rights to it in its own queue become links like all others.
        let mut messages = self.queue_of(key);
        let no_senders = self.right(no_senders);
        let port_destroyed = self.right(port_destroyed);
        // And what came while links were read for the sake of these rights.
        messages.extend(self.queue_of(key));
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
            backs,
            services,
            ..
        } = *local;
        self.kernel.leave_backs(key, &backs);
        let mut ends: Vec<LinkEnd> = links
            .into_iter()
            .filter_map(|link| self.kernel.remove_link(link))
            .map(|link| LinkEnd {
                fd: Fd::Shared(link.fd),
                link: link.id,
                once: link.once,
                said: link.limit.said(),
                back: link.back.map(|back| Fd::Shared(back.fd)),
            })
            .collect();
        let remote = self.stay_behind(key, srights, sorights, qlimit, &mut ends);
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

    fn queue_of(&mut self, key: PortKey) -> Vec<tree::Message> {
        let mut messages = Vec::new();
        while let Some(mut message) = self
            .kernel
            .local_mut(key)
            .and_then(|local| local.queue.pop_front())
        {
            let remote = message.remote.take();
            let once = matches!(remote, Right::SendOnce(_));
            let mut left = self.message(message);
            left.through_once = once;
            messages.push(left);
            self.kernel.release_destination(remote);
        }
        messages
    }

    /// A link of which each side makes its own end.
    fn link_ahead(&mut self) -> Option<(Foreign, Foreign)> {
        self.ahead.pop().or_else(|| ahead::link().ok())
    }

    /// Links for the rights to a leaving port that stay in this task.
    fn stay_behind(
        &mut self,
        key: PortKey,
        srights: u32,
        sorights: u32,
        qlimit: u32,
        ends: &mut Vec<LinkEnd>,
    ) -> Remote {
        let mut send = None;
        if srights > 0
            && let Some((receiving, sending)) = self.link_ahead().or_else(|| self.pair())
        {
            let id = random::number();
            self.kernel.remember_made(&sending, key, id);
            self.kernel.sending.insert(id, key);
            ends.push(LinkEnd {
                fd: Fd::Owned(receiving),
                link: id,
                once: false,
                said: 0,
                back: None,
            });
            send = Some(SendingEnd {
                fd: Arc::new(sending),
                id,
                root: id,
                unread: Unread::new(qlimit),
                back: None,
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
                said: 0,
                back: None,
            });
            once.push(OnceEnd::Link {
                fd: Arc::new(sending),
                id,
            });
        }
        Remote {
            send,
            once,
            told_by: None,
        }
    }
}
