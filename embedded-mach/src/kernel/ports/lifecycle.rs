//! Counts of rights, and what happens when the last one goes.
//!
//! Releasing a right can destroy a port, which destroys messages, which releases rights: a list of the messages still to
//! be destroyed stands in for recursion, so that no chain of ports in queues is too long for the stack. First come,
//! first destroyed, as in XNU: who is told of several things at once is told in that order.

use super::ids::PortKey;
use super::notify;
use super::port::{Home, Local, OnceEnd, Port};
use super::right::Right;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg};
use crate::kernel::other_tasks::directory::Errand;
use crate::sys::socket::{self, Outlook, outlook};
use std::os::fd::AsFd;

/// How many messages of a link may be in its port's queue for the sake of what is behind them.
const MOST_IN_HAND: u32 = 256;

impl Kernel {
    /// Counts one more send right of a port, made from its receive right.
    pub(crate) fn make_send(&mut self, key: PortKey) -> Right {
        let idle_here = self.port(key).is_some_and(|port| port.srights == 0);
        if idle_here && self.local(key).is_some_and(|l| l.no_senders.is_some()) {
            // If the last sender elsewhere has gone it is told now: later it would not show.
            self.pump_all(key);
        }
        if let Some(local) = self.local_mut(key) {
            local.mscount = local.mscount.wrapping_add(1);
        }
        self.copy_send(key)
    }

    /// Counts one more send right of a port.
    pub(crate) fn copy_send(&mut self, key: PortKey) -> Right {
        match self.port_mut(key) {
            Some(port) => {
                port.srights += 1;
                Right::Send(key)
            }
            None => Right::Dead,
        }
    }

    /// Counts one more send-once right of a port, made from its receive right.
    pub(crate) fn make_send_once(&mut self, key: PortKey) -> Right {
        match self.port_mut(key) {
            Some(port) => {
                port.sorights += 1;
                Right::SendOnce(key)
            }
            None => Right::Dead,
        }
    }

    /// Gives up a right: the last send right tells who asked for no-senders, an unused send-once right sends its
    /// notification, a receive right takes the port with it.
    pub(crate) fn release(&mut self, right: Right) {
        match right {
            Right::Null | Right::Dead => {}
            Right::Send(key) => {
                let Some(port) = self.port_mut(key) else {
                    return;
                };
                port.srights = port.srights.saturating_sub(1);
                if port.srights == 0 {
                    self.last_send_right_gone(key);
                }
            }
            Right::SendOnce(key) => self.release_send_once(key),
            Right::Receive(key) => self.destroy_receive(key),
        }
    }

    /// Destroys a message with everything that it carries.
    pub(crate) fn destroy_message(&mut self, message: Kmsg) {
        self.doomed.push_back(message);
        self.destroy_doomed();
    }

    fn destroy_doomed(&mut self) {
        if std::mem::replace(&mut self.destroying, true) {
            return;
        }
        while let Some(message) = self.doomed.pop_front() {
            self.destroy_now(message);
        }
        self.destroying = false;
    }

    /// Destroys a message and what it carries before any other that is still to be destroyed.
    pub(crate) fn destroy_now(&mut self, message: Kmsg) {
        let Kmsg {
            remote,
            local,
            descriptors,
            ..
        } = message;
        self.release(remote);
        self.release(local);
        for descriptor in descriptors {
            match descriptor {
                Descriptor::Port { right, .. } => self.release(right),
                Descriptor::Ports { rights, .. } => {
                    for right in rights {
                        self.release(right);
                    }
                }
                Descriptor::Memory { .. } => {}
            }
        }
    }

    fn last_send_right_gone(&mut self, key: PortKey) {
        match self.port_mut(key).map(|port| &mut port.home) {
            Some(Home::Local(_)) => self.check_no_senders(key),
            Some(Home::Remote(remote)) => {
                if let Some(end) = remote.send.take() {
                    let told_by = remote.told_by.take();
                    self.forget_sending(&end);
                    if let Some(told_by) = told_by {
                        self.told.remove(&told_by);
                    }
                    self.unwatch_outward(end.fd.as_fd());
                    if let Some(back) = end.back {
                        self.depart(back);
                    }
                }
                self.forget_if_unused(key);
            }
            _ => self.forget_if_unused(key),
        }
    }

    fn release_send_once(&mut self, key: PortKey) {
        let Some(port) = self.port_mut(key) else {
            return;
        };
        // With the sending end goes the right: its other end reports that to whoever has the receive right.
        let closed = port.remote_mut().and_then(|remote| remote.once.pop());
        let local = port.local().is_some();
        if let Some(OnceEnd::Slot { link, slot }) = closed {
            self.give_up_slot(link, slot);
        } else if closed.is_none() && local {
            // The notification goes through the very right that was not used, which keeps its count until then.
            self.post(notify::send_once(Right::SendOnce(key)));
            return;
        }
        self.send_once_used(key);
    }

    /// Counts a send-once right off that a message has used up.
    pub(crate) fn send_once_used(&mut self, key: PortKey) {
        if let Some(port) = self.port_mut(key) {
            port.sorights = port.sorights.saturating_sub(1);
        }
        self.forget_if_unused(key);
    }

    /// Drops what is known of a port to which nothing here refers any more.
    pub(crate) fn forget_if_unused(&mut self, key: PortKey) {
        let Some(port) = self.port(key) else { return };
        let held = matches!(port.home, Home::Local(_));
        if port.srights == 0 && port.sorights == 0 && !held && port.name.is_none() {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: PortKey) {
        let Some(port) = self.ports.remove(key) else {
            return;
        };
        if let Home::Remote(mut remote) = port.home {
            if let Some(told_by) = remote.told_by {
                self.told.remove(&told_by);
            }
            if let Some(end) = remote.send.take() {
                self.forget_sending(&end);
                self.unwatch_outward(end.fd.as_fd());
                if let Some(back) = end.back {
                    self.depart(back);
                }
            }
            self.reuse_remote(remote);
        }
    }

    /// The receive right is gone for good, or goes to who asked for it.
    pub(crate) fn destroy_receive(&mut self, key: PortKey) {
        let Some(local) = self.local_mut(key) else {
            return;
        };
        match local.port_destroyed.take() {
            // Nothing is sent to a port that is known to be dead: this one dies here and now.
            Some(notify) if self.leads_nowhere(&notify) => self.release(notify),
            Some(notify) => return self.send_to_saviour(key, notify),
            None => {}
        }
        self.leave_sets(key);
        let Some(port) = self.port_mut(key) else {
            return;
        };
        let Home::Local(local) = std::mem::replace(&mut port.home, Home::Dead) else {
            return;
        };
        self.slots_gone(key, &local.backs);
        self.dispose_of(*local);
        self.end_timer(key);
        self.port_died(key);
        self.forget_if_unused(key);
    }

    fn leads_nowhere(&self, right: &Right) -> bool {
        let port = right.port().and_then(|key| self.port(key));
        port.is_none_or(Port::is_dead)
    }

    fn send_to_saviour(&mut self, key: PortKey, notify: Right) {
        self.leave_task(key);
        let goes = self.put_in_transit(key, notify.port());
        let message = notify::port_destroyed(notify, Right::Receive(key));
        if goes {
            self.post(message);
        } else {
            // Whoever was to save the port can only be reached through it: it dies after all.
            self.destroy_message(message);
        }
    }

    fn dispose_of(&mut self, local: Local) {
        let Local {
            queue,
            links,
            no_senders,
            mut senders,
            mut receivers,
            services,
            signal,
            ..
        } = local;
        receivers.wake_all();
        senders.wake_all();
        if let Some(signal) = signal {
            signal.end();
        }
        for link in links {
            // Slot rule 19. A right that finds no descriptors dies with the link.
            self.hear_of_slots(link);
            self.convert_slots(link);
            let held = self.links.get(link).map(|link| link.ledger.ports());
            if let Some(link) = self.links.remove(link) {
                self.receiving.remove(&link.id);
                // Now, and not when the last copy closes: a child that is being made has one until it runs.
                socket::shut_down(&link.fd);
                if let Some(back) = &link.back {
                    socket::shut_down(&back.fd);
                }
            }
            for port in held.unwrap_or_default() {
                self.bury(port);
            }
        }
        for service in services {
            self.services.remove(service.name());
            self.errands.push(Errand::Withdraw(service));
        }
        self.doomed.extend(queue);
        self.destroy_doomed();
        if let Some(notify) = no_senders {
            self.release(notify);
        }
    }

    /// Tells everyone here who asked that a port has died. Names turn into dead names when they are next looked at.
    fn port_died(&mut self, key: PortKey) {
        let names = match self.port_mut(key) {
            Some(port) => std::mem::take(&mut port.requests),
            None => return,
        };
        for name in names {
            let Some(entry) = self.space.get_mut(name) else {
                continue;
            };
            if let Some(request) = entry.request.take() {
                entry.fired = true;
                self.post(notify::dead_name(request.notify, name));
            }
        }
    }

    /// Asks the kernel below whether a port of another task still lives, and buries it if not.
    pub(crate) fn check_alive(&mut self, key: PortKey) {
        if let Some((link, _)) = self.slot_of(key) {
            // Slot rule 23: what is said of the right, and the end of its link, are found by reading. Where that has
            // brought many messages before, these are received first. No more than the queue limit are read ahead, for
            // whoever sends does not see that they wait.
            let (to, in_hand) = self
                .links
                .get(link)
                .map_or_else(Default::default, |link| (link.port, link.in_hand));
            let most = self.local(to).map_or(0, |local| local.qlimit);
            if in_hand < most.clamp(1, MOST_IN_HAND) {
                self.drain_link(link);
            }
        }
        let Some(remote) = self.port(key).and_then(super::port::Port::remote) else {
            return;
        };
        let dead = match (&remote.send, remote.once.first()) {
            (Some(end), _) => outlook(end.fd.as_fd()) == Outlook::Dead,
            (None, Some(OnceEnd::Link { fd, .. })) => outlook(fd.as_fd()) == Outlook::Dead,
            (None, Some(OnceEnd::Slot { link, .. })) => {
                let back = self.links.get(*link).and_then(|link| link.back.as_ref());
                back.is_none_or(|back| outlook(back.fd.as_fd()) == Outlook::Dead)
            }
            (None, None) => false,
        };
        if dead {
            self.bury(key);
        }
    }

    /// A port of another task has died.
    pub(crate) fn bury(&mut self, key: PortKey) {
        let Some(port) = self.port_mut(key) else {
            return;
        };
        let Home::Remote(remote) = std::mem::replace(&mut port.home, Home::Dead) else {
            return;
        };
        if let Some(told_by) = remote.told_by {
            self.told.remove(&told_by);
        }
        if let Some(end) = remote.send {
            self.forget_sending(&end);
            self.unwatch_outward(end.fd.as_fd());
            if let Some(back) = end.back {
                self.bury_back(back);
            }
        }
        self.port_died(key);
        self.forget_if_unused(key);
    }
}
