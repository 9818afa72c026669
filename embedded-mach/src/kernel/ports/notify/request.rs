//! `mach_port_request_notification`.

use super::{dead_name, send_possible};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME,
    KERN_INVALID_RIGHT, KERN_INVALID_VALUE, KERN_RESOURCE_SHORTAGE,
};
use crate::headers::message::{MACH_MSG_TYPE_PORT_SEND_ONCE, mach_msg_id_t, mach_msg_type_name_t};
use crate::headers::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
    MACH_NOTIFY_SEND_POSSIBLE,
};
use crate::headers::port::{
    MACH_PORT_NULL, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_VALID, mach_port_mscount_t, mach_port_name_t,
};
use crate::kernel::messages::copyin::{self, Refusal};
use crate::kernel::namespace::space::Entry;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Local, Purpose};
use crate::kernel::ports::request::{Request, Wish};
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};

impl Kernel {
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
        let previous = self.request_with(name, id, sync, notify)?;
        self.copyout_right(previous)
    }

    /// As [`Kernel::request_notification`], with rights in place of names.
    pub(crate) fn request_with(
        &mut self,
        name: mach_port_name_t,
        id: mach_msg_id_t,
        sync: mach_port_mscount_t,
        notify: Right,
    ) -> Result<Right> {
        self.request(name, id, sync, notify)
            .map_err(|(code, notify)| {
                self.release(notify);
                code
            })
    }

    fn copyin_notify(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<Right> {
        if copyin::arrival(disposition) != MACH_MSG_TYPE_PORT_SEND_ONCE {
            return Err(KERN_INVALID_VALUE);
        }
        if name == MACH_PORT_NULL {
            return Ok(Right::Null);
        }
        // From a dead name nobody is told anything, but what was to move is taken.
        match self.copyin_right(name, disposition, true) {
            Ok(Right::Dead) => Err(KERN_INVALID_CAPABILITY),
            Err(Refusal::Name) if !MACH_PORT_VALID(name) => Err(KERN_INVALID_CAPABILITY),
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
    pub(super) fn requested_port(&self, name: mach_port_name_t) -> Result<PortKey> {
        if !MACH_PORT_VALID(name) {
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
            Some(local) if local.purpose != Purpose::Any => Err((KERN_INVALID_RIGHT, notify)),
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

    fn request_on_name(
        &mut self,
        name: mach_port_name_t,
        notify: Right,
        wish: Wish,
    ) -> std::result::Result<Right, (i32, Right)> {
        if !MACH_PORT_VALID(name) {
            return Err((KERN_INVALID_ARGUMENT, notify));
        }
        let idle = |entry: &Entry| entry.request.is_none() && !entry.fired && !entry.spent;
        if notify == Right::Null && self.space.get(name).is_some_and(idle) {
            // There is nothing to take back, and so nothing wrong with the name.
            return Ok(Right::Null);
        }
        // Slot rule 23: what has to be heard of at once needs a link, if it is not over already.
        if let Ok(entry) = self.look_at(name)
            && let Some(key) = entry.port()
            && notify != Right::Null
            && !self.convert_slot(key)
            && self.slot_of(key).is_some()
        {
            return Err((KERN_RESOURCE_SHORTAGE, notify));
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
        entry.spent = false;
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
        // What other tasks have sent counts, too.
        self.pump_all(key);
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
}
