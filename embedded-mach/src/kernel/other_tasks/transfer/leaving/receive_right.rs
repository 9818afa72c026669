//! A receive right that leaves, with its queue, its links and its requests.

use super::Leaving;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Home, Local, OnceEnd, Remote, SendingEnd};
use crate::kernel::ports::right::Right;
use crate::sys::random;
use crate::wire::tree::{self, Fd, LinkEnd};
use std::sync::Arc;

impl Leaving<'_> {
    pub(super) fn receive_right(&mut self, key: PortKey) -> tree::Right {
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
        self.slots_become_links(key);
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

    /// What are slots, of rights to the port and of rights that came to it, has links before it leaves.
    fn slots_become_links(&mut self, key: PortKey) {
        let pairs = &mut self.pairs;
        let mut done = self.kernel.replace_slots(key, || pairs.pop());
        let links = self.kernel.local(key).map(|local| local.links.clone());
        for link in links.unwrap_or_default() {
            done &= self.kernel.convert_slots(link, || pairs.pop());
        }
        self.failed |= !done;
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
            send = Some(SendingEnd {
                fd: Arc::new(sending),
                id,
                root: id,
                room: 0,
                own: false,
                back: None,
                formerly: Vec::new(),
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
            once.push(OnceEnd::Link { fd: sending, id });
        }
        Remote {
            send,
            once,
            told_by: None,
        }
    }
}
