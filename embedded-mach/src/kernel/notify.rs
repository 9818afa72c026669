//! Notifications: what the kernel says to who asked, and the asking.

use zerocopy::IntoBytes;

use super::copyin::Refusal;
use super::ids::PortKey;
use super::kmsg::{Descriptor, Kmsg, Sender};
use super::layout::PortDescriptor;
use super::names::is_valid;
use super::port::{Home, Local};
use super::request::{Request, Wish};
use super::right::Right;
use super::space::Entry;
use super::{Kernel, Result};
use crate::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME,
    KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
};
use crate::message::{
    MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_TYPE_PORT_RECEIVE, mach_msg_id_t, mach_msg_type_name_t,
};
use crate::ndr::NDR_record_t;
use crate::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DELETED,
    MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_POSSIBLE,
};
use crate::port::{
    MACH_PORT_NULL, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, mach_port_mscount_t, mach_port_name_t,
};
use crate::sys::socket::{Outlook, outlook};
use std::os::fd::AsFd;

/// A notification that carries one number after the NDR record.
fn with_value(id: mach_msg_id_t, notify: Right, value: u32) -> Kmsg {
    let mut body = NDR_record_t::NATIVE.to_bytes().to_vec();
    body.extend_from_slice(&value.to_ne_bytes());
    Kmsg::simple(id, notify, body, Sender::default())
}

pub(crate) fn dead_name(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_DEAD_NAME, notify, name)
}

pub(crate) fn port_deleted(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_PORT_DELETED, notify, name)
}

pub(crate) fn send_possible(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_SEND_POSSIBLE, notify, name)
}

pub(crate) fn no_senders(notify: Right, mscount: u32) -> Kmsg {
    with_value(MACH_NOTIFY_NO_SENDERS, notify, mscount)
}

pub(crate) fn send_once(notify: Right) -> Kmsg {
    Kmsg::simple(MACH_NOTIFY_SEND_ONCE, notify, Vec::new(), Sender::default())
}

pub(crate) fn port_destroyed(notify: Right, port: Right) -> Kmsg {
    let mut body = 1u32.to_ne_bytes().to_vec();
    body.extend_from_slice(
        PortDescriptor {
            name: 0,
            pad1: 0,
            pad2: 0,
            disposition: MACH_MSG_TYPE_PORT_RECEIVE as u8,
            kind: MACH_MSG_PORT_DESCRIPTOR as u8,
        }
        .as_bytes(),
    );
    let mut message = Kmsg::simple(MACH_NOTIFY_PORT_DESTROYED, notify, body, Sender::default());
    message.complex = true;
    message.descriptors.push(Descriptor::Port {
        right: port,
        disposition: MACH_MSG_TYPE_PORT_RECEIVE,
        guard: None,
    });
    message
}

impl Kernel {
    /// Delivers a message of the kernel's own, which no queue limit holds back.
    pub(crate) fn post(&mut self, message: Kmsg) {
        let Some(key) = message.remote.port() else {
            self.destroy_message(message);
            return;
        };
        match self.port(key).map(|port| &port.home) {
            Some(Home::Local(_)) => self.enqueue(key, message),
            Some(Home::Remote(_)) => {
                // A full or broken link loses the notification with its right, which the other side sees end.
                if let Err(unsent) = self.send_away(key, message) {
                    self.destroy_message(unsent.message);
                }
            }
            _ => self.destroy_message(message),
        }
    }

    /// Fires a no-senders request if there is one and no sender.
    pub(crate) fn check_no_senders(&mut self, key: PortKey) {
        if self
            .local(key)
            .is_none_or(|local| local.no_senders.is_none())
        {
            return;
        }
        self.pump_all(key);
        self.fire_no_senders(key);
    }

    /// As [`Kernel::check_no_senders`], when the links have just been looked at.
    pub(crate) fn fire_no_senders(&mut self, key: PortKey) {
        if let Some(message) = self.take_no_senders(key) {
            self.post(message);
        }
    }

    /// The notification that is due now that there is no sender, if so and if somebody asked.
    fn take_no_senders(&mut self, key: PortKey) -> Option<Kmsg> {
        if self.has_senders(key) {
            return None;
        }
        let local = self.local_mut(key)?;
        let mscount = local.mscount;
        let notify = local.no_senders.take()?;
        Some(no_senders(notify, mscount))
    }

    /// Counts a send right off, and leaves it to the caller to tell that it was the last.
    pub(crate) fn count_off_sender(&mut self, key: PortKey) -> Option<Kmsg> {
        let port = self.port_mut(key)?;
        port.srights = port.srights.saturating_sub(1);
        self.local(key)?.no_senders.as_ref()?;
        self.pump(key);
        self.take_no_senders(key)
    }

    /// Whether anyone, in this task or another, has a send right.
    pub(crate) fn has_senders(&self, key: PortKey) -> bool {
        let Some(port) = self.port(key) else {
            return false;
        };
        port.srights > 0
            || port.local().is_some_and(|local| {
                !local.services.is_empty()
                    || local
                        .links
                        .iter()
                        .any(|&link| self.links.get(link).is_some_and(|link| !link.once))
            })
    }

    /// `mach_port_request_notification`: the name of the right that an earlier request held.
    pub(crate) fn request_notification(
        &mut self,
        name: mach_port_name_t,
        id: mach_msg_id_t,
        sync: mach_port_mscount_t,
        notify: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<mach_port_name_t> {
        let notify = self.copyin_notify(notify, disposition)?;
        match self.request(name, id, sync, notify) {
            Ok(previous) => self.copyout_right(previous),
            Err((code, notify)) => {
                self.release(notify);
                Err(code)
            }
        }
    }

    fn copyin_notify(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<Right> {
        if super::copyin::arrival(disposition) != crate::message::MACH_MSG_TYPE_PORT_SEND_ONCE {
            return Err(KERN_INVALID_VALUE);
        }
        if name == MACH_PORT_NULL {
            return Ok(Right::Null);
        }
        // From a dead name nobody is told anything, but what was to move is taken.
        match self.copyin_right(name, disposition, true) {
            Ok(Right::Dead) => Err(KERN_INVALID_CAPABILITY),
            Err(Refusal::Name) if !is_valid(name) => Err(KERN_INVALID_CAPABILITY),
            other => other.map_err(Refusal::code),
        }
    }

    fn request(
        &mut self,
        name: mach_port_name_t,
        id: mach_msg_id_t,
        sync: mach_port_mscount_t,
        notify: Right,
    ) -> std::result::Result<Right, (i32, Right)> {
        match id {
            MACH_NOTIFY_PORT_DESTROYED if sync != 0 => Err((KERN_INVALID_VALUE, notify)),
            MACH_NOTIFY_PORT_DESTROYED => self.request_port_destroyed(name, notify),
            MACH_NOTIFY_NO_SENDERS => self.request_no_senders(name, sync, notify),
            MACH_NOTIFY_DEAD_NAME => self.request_on_name(name, notify, Wish::DeadName),
            MACH_NOTIFY_SEND_POSSIBLE => {
                let wish = if sync == 0 {
                    Wish::SendPossible
                } else {
                    Wish::SendPossibleArmed
                };
                self.request_on_name(name, notify, wish)
            }
            _ => Err((KERN_INVALID_VALUE, notify)),
        }
    }

    /// The port of a receive right that a request names.
    fn requested_port(&self, name: mach_port_name_t) -> Result<PortKey> {
        if !is_valid(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        self.receive_right(name)
    }

    fn request_port_destroyed(
        &mut self,
        name: mach_port_name_t,
        notify: Right,
    ) -> std::result::Result<Right, (i32, Right)> {
        let key = match self.requested_port(name) {
            Ok(key) => key,
            Err(code) => return Err((code, notify)),
        };
        match self.local_mut(key) {
            Some(Local {
                port_destroyed: slot @ None,
                ..
            }) => {
                *slot = Some(notify).filter(|notify| *notify != Right::Null);
                Ok(Right::Null)
            }
            _ => Err((KERN_FAILURE, notify)),
        }
    }

    fn request_no_senders(
        &mut self,
        name: mach_port_name_t,
        sync: mach_port_mscount_t,
        notify: Right,
    ) -> std::result::Result<Right, (i32, Right)> {
        let key = match self.requested_port(name) {
            Ok(key) => key,
            Err(code) => return Err((code, notify)),
        };
        self.pump(key);
        let idle = !self.has_senders(key);
        let Some(local) = self.local_mut(key) else {
            return Err((KERN_INVALID_RIGHT, notify));
        };
        let mscount = local.mscount;
        let previous = local.no_senders.take().unwrap_or(Right::Null);
        if notify == Right::Null {
        } else if idle && sync <= mscount {
            self.post(no_senders(notify, mscount));
        } else {
            local.no_senders = Some(notify);
            self.watch_for_no_senders(key);
        }
        Ok(previous)
    }

    fn request_on_name(
        &mut self,
        name: mach_port_name_t,
        notify: Right,
        wish: Wish,
    ) -> std::result::Result<Right, (i32, Right)> {
        if !is_valid(name) {
            return Err((KERN_INVALID_ARGUMENT, notify));
        }
        let idle = |entry: &Entry| entry.request.is_none() && !entry.fired;
        if notify == Right::Null && self.space.get(name).is_some_and(idle) {
            // There is nothing to take back, and so nothing wrong with the name.
            return Ok(Right::Null);
        }
        let Ok(entry) = self.look_at(name) else {
            return Err((KERN_INVALID_NAME, notify));
        };
        if entry.has(MACH_PORT_TYPE_DEAD_NAME) {
            if wish == Wish::DeadName || notify == Right::Null {
                return Err((KERN_INVALID_ARGUMENT, notify));
            }
            entry.add_urefs(1);
            self.post(dead_name(notify, name));
            return Ok(Right::Null);
        }
        let rights = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND_ONCE;
        let Some(key) = entry.port().filter(|_| entry.has(rights)) else {
            return Err((KERN_INVALID_RIGHT, notify));
        };
        let once = entry.has(MACH_PORT_TYPE_SEND_ONCE);
        let previous = entry
            .request
            .take()
            .map_or(Right::Null, |request| request.notify);
        if notify == Right::Null {
            if let Some(port) = self.port_mut(key) {
                port.requests.retain(|&n| n != name);
            }
            return Ok(previous);
        }
        if wish == Wish::SendPossibleArmed && (once || !self.is_full(key)) {
            self.post(send_possible(notify, name));
            return Ok(previous);
        }
        if let Some(entry) = self.space.get_mut(name) {
            entry.request = Some(Request { notify, wish });
        }
        if let Some(port) = self.port_mut(key)
            && !port.requests.contains(&name)
        {
            port.requests.push(name);
        }
        self.watch_outward(key);
        Ok(previous)
    }

    /// Whether a message sent through a send right would have to wait.
    pub(crate) fn is_full(&self, key: PortKey) -> bool {
        match self.port(key).map(|port| &port.home) {
            Some(Home::Local(local)) => local.is_full(),
            Some(Home::Remote(remote)) => remote
                .send
                .as_ref()
                .is_some_and(|end| outlook(end.fd.as_fd()) == Outlook::Full),
            _ => false,
        }
    }

    /// Arms the send-possible requests of a port whose full queue a sender with `MACH_SEND_NOTIFY` met.
    pub(crate) fn arm_send_possible(&mut self, name: mach_port_name_t) {
        let Some(entry) = self.space.get_mut(name) else {
            return;
        };
        if let Some(request) = &mut entry.request
            && request.wish == Wish::SendPossible
        {
            request.wish = Wish::SendPossibleArmed;
            if let Some(key) = entry.port() {
                self.watch_outward(key);
            }
        }
    }

    /// A message was received, or there is room on the way to another task: tells who asked. As in XNU a receive is
    /// enough, even one that leaves the queue full, and nothing else is, not even a higher limit.
    pub(crate) fn fire_send_possible(&mut self, key: PortKey) {
        let Some(port) = self.port(key) else { return };
        for name in port.requests.clone() {
            let Some(entry) = self.space.get_mut(name) else {
                continue;
            };
            if entry
                .request
                .as_ref()
                .is_none_or(|request| request.wish != Wish::SendPossibleArmed)
            {
                continue;
            }
            if let Some(request) = entry.request.take() {
                if let Some(port) = self.port_mut(key) {
                    port.requests.retain(|&n| n != name);
                }
                self.post(send_possible(request.notify, name));
            }
        }
    }
}
