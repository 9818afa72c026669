//! Rights that arrive.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::os::fd::AsFd;
use std::sync::Arc;

use super::told::ToldBy;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::objects::memory_entry::MemoryEntry;
use crate::kernel::other_tasks::arrivals::Arrived;
use crate::kernel::other_tasks::directory::Claimed;
use crate::kernel::other_tasks::link::Said;
use crate::kernel::other_tasks::slots::WayBack;
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::kernel::ports::port::{Holder, Home, Local, OnceEnd, Remote, SendingEnd};
use crate::kernel::ports::right::Right;
use crate::kernel::ports::unread::Unread;
use crate::sys::foreign::Foreign;
use crate::sys::socket;
use crate::wire::tree;

impl Kernel {
    /// A message that arrived, as this task's kernel holds it. `remote` is the right it was sent through.
    pub(crate) fn import_message(
        &mut self,
        message: tree::Message,
        sender: Sender,
        remote: Right,
    ) -> Kmsg {
        let is_only = self.arrivals.begin();
        let local = self.import_right(message.reply, sender);
        let descriptors = message
            .items
            .into_iter()
            .map(|item| self.import_item(item, sender))
            .collect();
        if is_only {
            self.arrivals.end();
            self.take_up_arrivals();
        }
        Kmsg {
            id: message.id,
            complex: message.complex,
            remote,
            local,
            local_disposition: message.reply_disposition,
            voucher: message.voucher,
            body: message.body,
            descriptors,
            sender,
            stamp: 0,
            link: None,
            rights_lost: false,
            charge: None,
        }
    }

    fn import_item(&mut self, item: tree::Item, sender: Sender) -> Descriptor {
        match item {
            tree::Item::Port {
                right,
                disposition,
                guard,
            } => Descriptor::Port {
                right: self.import_right(right, sender),
                disposition: u32::from(disposition),
                guard,
            },
            tree::Item::Memory {
                memory,
                virtual_copy,
                volatile,
            } => Descriptor::Memory {
                memory: match memory {
                    tree::Memory::Bytes(bytes) => Memory::Bytes(bytes),
                    tree::Memory::Sealed(fd, len) => match fd.into_memory() {
                        Some(fd) => Memory::Sealed(fd, len),
                        None => Memory::Bytes(Vec::new().into()),
                    },
                },
                virtual_copy,
                volatile,
            },
            tree::Item::Ports {
                rights,
                disposition,
            } => Descriptor::Ports {
                rights: rights
                    .into_iter()
                    .map(|right| self.import_right(right, sender))
                    .collect(),
                disposition: u32::from(disposition),
            },
        }
    }

    pub(crate) fn import_right(&mut self, right: tree::Right, sender: Sender) -> Right {
        match right {
            tree::Right::Null => Right::Null,
            tree::Right::Dead => Right::Dead,
            tree::Right::Send(send) => self.import_send(send, sender),
            tree::Right::Once(fd) => match fd.into_owned() {
                Ok(fd) => self.import_once(fd),
                Err(_) => Right::Dead,
            },
            // Whoever reads the link has seen to it.
            tree::Right::Slot(_) => Right::Dead,
            tree::Right::Receive(port) => self.import_receive(*port, sender),
            tree::Right::Object(object) => self.import_object(object),
        }
    }

    pub(crate) fn import_once(&mut self, fd: Foreign) -> Right {
        let once = vec![OnceEnd::Link {
            fd: Arc::new(fd),
            id: 0,
        }];
        let key = self.add_port(Home::Remote(Box::new(Remote {
            send: None,
            once,
            told_by: None,
        })));
        self.make_send_once(key)
    }

    fn import_send(&mut self, send: tree::SendRight, sender: Sender) -> Right {
        if let Some(known) = self.made_here(&send.fd) {
            return self.copy_send(known);
        }
        if sender.pid == self.pid
            && let Some(own) = self.port_of_number(send.number)
        {
            // From this very process: the number is its own.
            return self.copy_send(own);
        }
        if let Some(own) = self.own_port_of(&send) {
            return own;
        }
        let link = self.arrivals.link();
        let heard = self.told.heard(sender, send.number, link);
        let told_by = heard.map(|(told_by, _)| told_by);
        if let Some((told_by, Some(known))) = heard
            && self.is_told_still(told_by, known)
        {
            return self.copy_send(known);
        }
        let Ok(fd) = send.fd.into_owned() else {
            if let Some(told_by) = told_by {
                self.told.remove(&told_by);
            }
            return Right::Dead;
        };
        let right = self.new_remote(fd, send.link, send.root, told_by);
        if let Some(end) = right.port().and_then(|key| self.sending_end(key)) {
            end.unread.set_limit(send.limit);
        }
        right
    }

    /// Whether the port that the same process spoke of before, by the same number, still lives.
    fn is_told_still(&mut self, told_by: ToldBy, known: PortKey) -> bool {
        self.check_alive(known);
        self.told.is_known(&told_by)
    }

    /// A port of another task, as it is reached by a sending end that nothing is known of.
    pub(crate) fn new_remote(
        &mut self,
        fd: Foreign,
        link: u64,
        root: u64,
        told_by: Option<ToldBy>,
    ) -> Right {
        let key = self.add_port(Home::Remote(Box::new(Remote {
            send: Some(SendingEnd {
                fd: Arc::new(fd.out_of_the_way()),
                id: link,
                root,
                unread: Unread::default(),
                back: None,
            }),
            once: Vec::new(),
            told_by,
        })));
        self.sending.entry(link).or_insert(key);
        if let Some(told_by) = told_by {
            self.told.add(told_by, key, self.arrivals.link());
        }
        self.copy_send(key)
    }

    /// The port whose sending end this is, if this task made it.
    fn made_here(&mut self, fd: &impl AsFd) -> Option<PortKey> {
        let cookie = socket::cookie(fd.as_fd()).ok()?;
        let &(known, _) = self.made.get(&cookie)?;
        if self.ports.contains_key(known) {
            return Some(known);
        }
        self.made.remove(&cookie);
        None
    }

    fn import_object(&mut self, object: tree::Object) -> Right {
        let object = match object {
            tree::Object::Host => Some(KernelObject::Host),
            tree::Object::Bootstrap => Some(KernelObject::Bootstrap),
            tree::Object::Semaphore(fd) => fd
                .into_memory()
                .and_then(crate::sys::semaphore::Semaphore::from_descriptor)
                .map(|semaphore| KernelObject::Semaphore(Arc::new(semaphore))),
            tree::Object::Memory {
                fd,
                offset,
                size,
                writable,
            } => fd.into_memory().and_then(|fd| {
                let entry = MemoryEntry::of_bytes(Arc::new(fd), offset, size, writable);
                entry.map(KernelObject::Memory)
            }),
            tree::Object::File(fd) => fd.into_owned().ok().map(KernelObject::File),
        };
        match object {
            Some(object) => {
                let known = self.port_of_object(&object);
                let key = known.unwrap_or_else(|| self.add_port(Home::Kernel(object)));
                self.copy_send(key)
            }
            None => Right::Dead,
        }
    }

    fn import_receive(&mut self, port: tree::Port, sender: Sender) -> Right {
        let mut local = Local::new();
        local.qlimit = port.qlimit;
        local.holder = Holder::Transit(None);
        let key = self.add_port(Home::Local(Box::new(local)));
        for message in port.messages {
            let remote = if message.through_once {
                self.make_send_once(key)
            } else {
                self.copy_send(key)
            };
            let message = self.import_message(message, sender, remote);
            if let Some(local) = self.local_mut(key) {
                local.queue.push_back(message);
            }
        }
        let mut claimed = Vec::new();
        for end in port.links {
            let Ok(fd) = end.fd.into_owned() else {
                continue;
            };
            let fd = if socket::is_listener(&fd) {
                let coming = (key, end.link);
                match self.take_ahead(fd, sender.pid, coming, Self::add_late) {
                    Some((Some(fd), _)) => fd,
                    Some((None, _)) => continue,
                    None => {
                        self.awaited.add_end(key);
                        continue;
                    }
                }
            } else {
                fd
            };
            // So that nobody brings the other end to a task that receives.
            let _ = socket::name_receiving(&fd);
            let Some(link) = self.add_link(key, fd, end.link, end.once) else {
                continue;
            };
            self.expect_unstamped(link, 0);
            let back = end.back.and_then(|fd| fd.into_owned().ok());
            if let Some(link) = self.links.get_mut(link) {
                link.back = back.map(WayBack::moved);
                // Whoever had the port has said what there is to say.
                link.limit = Said::before(port.qlimit, end.said);
            }
            if let Some(&holder) = self.sending.get(&end.link).filter(|_| !end.once) {
                claimed.push((link, holder));
            }
        }
        let names: Vec<_> = port
            .services
            .into_iter()
            .filter_map(|(fd, name)| {
                let listener = fd.into_owned().ok()?;
                Some(Claimed { listener, name })
            })
            .collect();
        let no_senders = self.import_right(port.no_senders, sender);
        let port_destroyed = self.import_right(port.port_destroyed, sender);
        if let Some(local) = self.local_mut(key) {
            local.no_senders = Some(no_senders).filter(|right| *right != Right::Null);
            local.port_destroyed = Some(port_destroyed).filter(|right| *right != Right::Null);
        }
        let home = self.join_own_rights(key, claimed);
        self.watch_for_no_senders(home);
        self.take_over_names(home, names);
        Right::Receive(home)
    }

    /// The end of a link has come that a port brought and somebody held up.
    fn add_late(&mut self, end: Option<Foreign>, (arrived, id): (PortKey, u64)) {
        let port = self.awaited.end_is_here(arrived);
        if self.local(port).is_none() {
            return;
        }
        let link = end.and_then(|end| self.add_link(port, end, id, false));
        match link {
            Some(link) => {
                self.expect_unstamped(link, 0);
                self.say_limit_over(link);
            }
            None => self.fire_no_senders(port),
        }
    }

    /// If this task has held rights to an arriving port, the port becomes what those rights already lead to.
    fn join_own_rights(&mut self, arriving: PortKey, claimed: Vec<(LinkKey, PortKey)>) -> PortKey {
        for (link, held) in claimed {
            let Some(sending) = self
                .port(held)
                .and_then(|port| port.remote())
                .and_then(|remote| remote.send.as_ref())
                .map(|end| Arc::clone(&end.fd))
            else {
                continue;
            };
            if self.belong_together(&sending, link) {
                // After what it has brought. Slot rule 21: it goes with its last slot, as when another task leaves it.
                if !self.has_slots(held) {
                    self.arrivals.add(link, Arrived::TakenBack);
                }
                self.come_home(arriving, held);
                return held;
            }
        }
        arriving
    }

    /// Puts an arriving port in the place of the remote one that it turned out to be.
    fn come_home(&mut self, arriving: PortKey, held: PortKey) {
        let Some(port) = self.ports.remove(arriving) else {
            return;
        };
        let Home::Local(local) = port.home else {
            return;
        };
        self.awaited.is_now(arriving, held);
        for &link in &local.links {
            if let Some(link) = self.links.get_mut(link) {
                link.port = held;
            }
        }
        for service in &local.services {
            self.services.insert(service.name().to_owned(), held);
        }
        let Some(target) = self.ports.get_mut(held) else {
            return;
        };
        target.srights = target.srights.saturating_add(port.srights);
        target.sorights = target.sorights.saturating_add(port.sorights);
        let before = std::mem::replace(&mut target.home, Home::Local(local));
        if let Some(local) = target.local_mut() {
            for message in &mut local.queue {
                match &mut message.remote {
                    Right::Send(key) | Right::SendOnce(key) => *key = held,
                    _ => {}
                }
            }
        }
        if let Home::Remote(remote) = before {
            self.retire(*remote);
        }
    }

    /// The links of rights that need none any more.
    fn retire(&mut self, remote: Remote) {
        if let Some(told_by) = remote.told_by {
            self.told.remove(&told_by);
        }
        if let Some(end) = remote.send {
            self.forget_sending(&end);
            self.unwatch_outward(end.fd.as_fd());
            if let Some(back) = end.back {
                self.depart(back);
            }
        }
        for end in remote.once {
            // This task made both ends, for a right that never left: no notification is due.
            if let OnceEnd::Link { id, .. } = end
                && let Some(&link) = self.receiving.get(&id).filter(|_| id != 0)
            {
                self.remove_link(link);
            }
        }
    }
}
