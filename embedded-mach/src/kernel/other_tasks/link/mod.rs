//! Links: the ways by which other tasks' messages come to the ports of this one.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod aside;
mod brought;
mod limit;
mod reading;
mod unreceived;
mod unstamped;

pub(crate) use aside::PutOff;
pub(crate) use limit::{Said, heard};
pub(crate) use reading::Read;

use std::os::fd::AsFd;
use std::sync::Arc;

use super::budget::Charge;
use super::slots::{Ledger, WayBack};
use crate::kernel::Kernel;
use crate::kernel::ports::ids::{LinkKey, PortKey, number};
use crate::kernel::ports::notify;
use crate::kernel::ports::port::FIRST_SWEEP;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::process;
use crate::sys::socket;
use crate::sys::watch::Watch;
use unreceived::Unreceived;
use unstamped::Unstamped;

/// A receiving end.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) fd: Arc<Foreign>,
    pub(crate) port: PortKey,
    /// It belongs to a send-once right.
    pub(crate) once: bool,
    /// How many milliseconds a read of it waits at most, 0 for as long as it takes.
    pub(crate) read_limit: u32,
    /// The number under which both sides know it. A hint, never a proof.
    pub(crate) id: u64,
    /// How many of its messages are in the port's queue; it is read again when there is none.
    pub(crate) in_hand: u32,
    pub(crate) unreceived: Unreceived,
    /// What its holder takes the port's queue limit for.
    pub(crate) limit: Said,
    /// Who is charged for it: nobody for what this task has made.
    pub(crate) charge: Option<Box<Charge>>,
    /// Its last send right was given up: it is no sender, and no more messages come.
    pub(crate) left: bool,
    /// The send-once rights that are slots of it.
    pub(crate) ledger: Ledger,
    /// By which they are replied to.
    pub(crate) back: Option<WayBack>,
    /// Whether a read of it is held up.
    held: aside::Held,
    /// All that it has was to be read when one was.
    cut_short: bool,
    /// The process that made it, 0 if that is not known, once that was asked.
    maker: Option<i32>,
    /// What it held when its arrivals began to be stamped.
    unstamped: Option<Unstamped>,
    /// When its last packet was sent, as far as is known.
    last: u64,
}

impl Link {
    fn new(fd: Foreign, port: PortKey, once: bool, id: u64) -> Self {
        Self {
            fd: Arc::new(fd),
            port,
            once,
            read_limit: 0,
            id,
            in_hand: 0,
            unreceived: Unreceived::default(),
            limit: Said::default(),
            charge: None,
            left: false,
            ledger: Ledger::default(),
            back: None,
            held: aside::Held::No,
            cut_short: false,
            maker: None,
            unstamped: None,
            last: 0,
        }
    }

    /// Whether somebody may send by it.
    pub(crate) fn is_sender(&self) -> bool {
        !self.once && !self.left
    }

    /// Whether nobody else can hold up its reading, nothing of it is in its port's queue or of unknown age, and nothing but a
    /// message's arrival is due.
    pub(crate) fn is_steady(&self) -> bool {
        let reads_at_once = self.is_own() && !self.is_held();
        reads_at_once && !self.once && self.in_hand == 0 && self.unstamped.is_none()
    }

    /// The time by which a packet is put in order, which is after that of all packets before it: one that waited
    /// when stamping began gets its stamp from the kernel below as late as it is read.
    fn in_order(&mut self, stamp: u64) -> u64 {
        self.last = stamp.max(self.last.saturating_add(1));
        self.last
    }
}

/// The number under which a port's own listening socket is watched. No key has it.
pub(crate) const LISTENER: u64 = 0;

impl Kernel {
    /// Adds a way to a port.
    pub(crate) fn add_link(
        &mut self,
        port: PortKey,
        fd: Foreign,
        id: u64,
        once: bool,
    ) -> Option<LinkKey> {
        let local = self.local_mut(port)?;
        let several =
            !local.links.is_empty() || !local.services.is_empty() || !local.backs.is_empty();
        let stamping = several || !local.queue.is_empty();
        let fd = if once { fd } else { fd.out_of_the_way() };
        let link = self.links.insert(Link::new(fd, port, once, id));
        if self.local(port).is_some_and(|local| local.identifying) {
            // Where it fails the sender is unknown, and is nobody's registered process.
            self.set_up(link, socket::tell_processes);
        }
        self.receiving.entry(id).or_insert(link);
        self.arrivals.note_link(link);
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

    /// Has the kernel below tell which process sends each message that comes to a port by links; whether it can.
    pub(crate) fn identify_senders(&mut self, port: PortKey) -> bool {
        if self.version == 0 {
            self.version = process::own_version();
        }
        let tells = |link: &LinkKey| {
            !self.links.contains_key(*link) || self.set_up(*link, socket::tell_processes)
        };
        let links = self.local(port).map_or(&[][..], |local| &local.links);
        let told = self.version != 0 && links.iter().all(tells);
        if let Some(local) = self.local_mut(port) {
            local.identifying = told;
        }
        told
    }

    /// Has the kernel below note when packets arrive, so that they can be put in order with others.
    pub(in crate::kernel) fn stamp_links(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if std::mem::replace(&mut local.stamping, true) {
            // All but the newest are stamped already.
            let newest = local.links.last().copied();
            let back = local.backs.last().copied();
            if let Some(link) = newest {
                self.set_up(link, socket::stamp_arrivals);
            }
            if let Some(back) = back {
                self.stamp_back(back);
            }
            return;
        }
        let backs = local.backs.clone();
        for link in local.links.clone() {
            self.set_up(link, socket::stamp_arrivals);
            if let Some(link) = self.links.get_mut(link) {
                link.unstamped = Unstamped::of(link.fd.as_fd(), 0);
            }
        }
        for back in backs {
            self.stamp_back(back);
        }
    }

    /// Notes of a link that is stamped from now on that it may hold something already, but not since before a time.
    pub(crate) fn expect_unstamped(&mut self, link: LinkKey, since: u64) {
        if let Some(link) = self.links.get_mut(link) {
            link.unstamped = Unstamped::of(link.fd.as_fd(), since);
        }
    }

    fn watch_link(&self, port: PortKey, link: LinkKey) {
        if let Some(watch) = self.local(port).and_then(|local| local.watch.as_ref())
            && let Some(link_ref) = self.links.get(link).filter(|link| !link.is_held())
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
        let backs = local.backs.clone();
        let sets = local.sets.clone();
        local.watch = Some(watch);
        for link in links {
            self.watch_link(port, link);
        }
        for back in backs {
            self.watch_back(port, back);
        }
        for set in sets {
            self.watch_member(set, port);
        }
        self.watch_for_no_senders(port);
    }

    /// Ends the links whose senders are gone, where there are twice as many links as at the last look. While nobody
    /// receives from a port nothing else does, and each sender that ever was would cost a descriptor.
    pub(crate) fn end_spent_links(&mut self, port: PortKey) {
        // What has been read of a link and waits to be taken up still needs it.
        if self.arrivals.is_busy() {
            return;
        }
        let Some(local) = self.local(port) else {
            return;
        };
        if local.links.len() < local.sweep_at {
            return;
        }
        let is_spent = |link: &LinkKey| {
            self.links.get(*link).is_some_and(|link| {
                let may_be_asked = link.is_own() && !link.is_held();
                may_be_asked && !link.once && link.in_hand == 0 && socket::is_spent(link.fd.as_fd())
            })
        };
        let spent: Vec<_> = local.links.iter().copied().filter(is_spent).collect();
        for link in spent {
            self.end_link(link);
        }
        if let Some(local) = self.local_mut(port) {
            local.sweep_at = local
                .links
                .len()
                .saturating_mul(2)
                .saturating_add(FIRST_SWEEP);
        }
    }

    /// Ends a link. With it goes a sender, or an unused send-once right.
    pub(crate) fn end_link(&mut self, link: LinkKey) {
        let told = self.deleted_names.remove(&link);
        let Some(ended) = self.remove_link(link) else {
            return;
        };
        if ended.once {
            if let Some(port) = self.port_mut(ended.port) {
                port.sorights = port.sorights.saturating_add(1);
            }
            let to = Right::SendOnce(ended.port);
            self.post(match told {
                Some(there) => notify::port_deleted(to, there.name),
                None => notify::send_once(to),
            });
        } else {
            self.fire_no_senders(ended.port);
        }
    }

    /// Forgets a link without saying so to anyone.
    pub(crate) fn remove_link(&mut self, link: LinkKey) -> Option<Link> {
        let ended = self.links.remove(link)?;
        self.deleted_names.remove(&link);
        // With the link go the rights that are slots of it.
        for port in ended.ledger.ports() {
            self.bury(port);
        }
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

    /// Has a port served under one more bootstrap name.
    pub(crate) fn add_service(&mut self, port: PortKey, service: super::directory::Service) {
        crate::kernel::task::withdraw_names_at_exit();
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
